"""What a fitted model sees of films, each of which is looked at once."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.utils import Bunch

from ._film_keys import film_keys, find_seen
from ._maturity import has_axis
from ._reliability import measure_reliability
from ._steps import running_extractor
from ._tables import film_names

BLOCK = 256  # films whose crops are held at a time


def examine_films(model: Any, films: Sequence[Any], *, keep_crops: bool) -> Bunch:
    """Examine films as `BoneAgeClusterer.examine` does.

    Without the crops, and what the encoder makes of them, any number of films needs
    little memory.
    """
    steps: Any = model.pipeline_
    parts: list[dict[str, np.ndarray]] = []
    keys: list[np.ndarray] = []

    def take(crops: np.ndarray) -> None:
        done = sum(len(block) for block in keys)
        keys.append(film_keys(films[done : done + len(crops)], crops))
        encoded = np.asarray(steps[1:3].transform(crops))
        part = {
            "latents": np.asarray(steps[3:-1].transform(encoded)),
            "reliability": measure_reliability(steps, encoded),
        }
        parts.append(
            {**part, "crops": crops, "region_latents": encoded} if keep_crops else part
        )

    size = len(films) if keep_crops else BLOCK
    extracted = running_extractor(steps[0], model)._extract_in_blocks(films, size, take)
    joined = {
        name: parts[0][name]
        if len(parts) == 1
        else np.concatenate([part[name] for part in parts])
        for name in parts[0]
    }
    latents, digests = joined["latents"], np.concatenate(keys)
    return Bunch(
        films=films,
        names=film_names(films),
        **extracted,
        **joined,
        labels=model.named_clusterer_.predict(latents),
        maturity=latents[:, 0] if has_axis(steps) else None,
        digests=digests,
        seen=find_seen(digests, model._seen_keys) >= 0,
    )
