"""What was run, with which parameters and versions; nothing of the machine."""

import os
import platform
from collections.abc import Mapping
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any

import numpy as np
from joblib import Memory

from .._show_versions import installed_packages
from ._reported_films import ReportedFilms

METHODS = {
    "ccaec": "ccaec: the paper's encoders, one for each region",
    "agreement": "agreement: the curve along which all regions mature together",
    "pretrained": "pretrained: a curve and months learned before, without a label",
}


def list_facts(films: ReportedFilms) -> list[tuple[str, str]]:
    """Tell what was run."""
    model, regions = films.model, films.regions
    n_films, n_seen = len(films.table), int(films.found.seen.sum())
    seen = f"{n_seen:,} seen before (in fit, or naming the clusters)"
    return [
        ("Method", METHODS[model.method]),
        (f"Key regions ({len(regions)})", ", ".join(map(tell_region, regions))),
        ("Clusters", f"{model.n_clusters_}"),
        ("Encoder", _tell_encoder(model.pipeline_["encoder"])),
        ("Clusterer", type(films.clusterer.clusterer_).__name__),
        ("Seed", tell(model.random_state)),
        ("Films in fit", _tell_set_aside(model.labels_)),
        ("Films in this report", _tell_set_aside(films.found.labels)),
        ("Of these", f"{seen}, {n_films - n_seen:,} held-out"),
        ("Ages of these", _tell_ages(films)),
        ("Names", _tell_names(films)),
    ]


def list_parameters(model: Any) -> list[tuple[str, str]]:
    """Names and values of a model's parameters, those of its parts included."""
    return [(name, tell(value)) for name, value in model.get_params().items()]


def list_versions() -> list[tuple[str, str]]:
    """Python and the packages that are installed, with their versions."""
    return [("Python", platform.python_version()), *installed_packages()]


def tell(value: Any) -> str:
    """Value of a parameter in words: only the last part of a path, no content."""
    if isinstance(value, Memory):
        value = value.location
    if isinstance(value, str | os.PathLike):
        text = os.fsdecode(value)  # a path of whatever system
        return PureWindowsPath(PurePosixPath(text).name).name or text[:1]
    if value is None or isinstance(value, bool | int | float | np.generic):
        return f"{value}"
    if isinstance(value, Mapping):
        return ", ".join(f"{tell(key)}: {tell(part)}" for key, part in value.items())
    if isinstance(value, list | tuple | range):
        return ", ".join(tell(part) for part in value)
    if hasattr(value, "shape"):
        return f"{type(value).__name__} of {' x '.join(map(str, value.shape))}"
    return type(value).__name__


def tell_region(region: str) -> str:
    """Name of a key region in words, such as "index MCP"."""
    bone, _, joint = region.partition("_")
    return f"{bone} {joint.upper()}".rstrip()


def _tell_set_aside(labels: np.ndarray) -> str:
    if not len(labels):
        return "none"
    n_aside = int((labels < 0).sum())
    return f"{len(labels):,}, {n_aside:,} set aside ({n_aside / len(labels):.1%})"


def _tell_encoder(encoder: Any) -> str:
    kinds = []
    for one in getattr(encoder, "encoders_", {"": encoder}).values():
        steps = getattr(one, "max_steps", None)
        kinds.append(type(one).__name__ + (f", {steps:,} steps" if steps else ""))
    return "; ".join(dict.fromkeys(kinds))


def _tell_ages(films: ReportedFilms) -> str:
    if not films.ages_given:
        return "none given"
    n_known = int(np.isfinite(films.ages).sum())
    n_outside = n_known - int((films.intervals >= 0).sum())
    low, high = films.edges[[0, -1]]
    outside = f", {n_outside:,} of them outside {low:g} to {high:g} months"
    return f"{n_known:,} known" + (outside if n_outside else "")


def _tell_names(films: ReportedFilms) -> str:
    table = films.cluster_table
    if table is None:
        return "none: no film of known age has a cluster"
    n_known = table.loc[:, :"films"].to_numpy().sum() - table["films"].sum()
    low, high = films.edges[[0, -1]]
    sexes = ", one name for each sex" if films.named_by_sex else ""
    found = f"{low:g} to {high:g}, from {n_known:,} known ages{sexes}"
    return f"intervals of {films.clusterer.interval:g} months from {found}"
