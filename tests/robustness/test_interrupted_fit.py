"""A fit that is interrupted at any moment leaves the estimator as it was."""

import sys
from contextlib import contextmanager
from functools import partial

import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.decomposition import PCA
from sklearn.exceptions import NotFittedError

from sklearn_baccaec import MaturityCurve, NamedClusterer
from sklearn_baccaec._clusterer import _maturity
from sklearn_baccaec.cluster import AgeRegressor

MOMENTS = 24


@contextmanager
def interrupt_at(moment=None):
    """Interrupt at one of the calls that the package's code makes; note them all."""
    calls = []

    def note(frame, event, argument):
        module = frame.f_globals.get("__name__", "")
        if event not in ("call", "c_call") or not module.startswith("sklearn_baccaec"):
            return
        calls.append(f"{module}.{frame.f_code.co_qualname}")
        if len(calls) - 1 == moment:
            raise KeyboardInterrupt

    sys.setprofile(note)
    try:
        yield calls
    finally:
        sys.setprofile(None)


def choose_moments(calls):
    """Moments in as many functions as can be, most of them where attributes are set."""
    last = {call: i for i, call in enumerate(calls)}
    deciding = {i for call, i in last.items() if "cluster" in call} | {len(calls) - 1}
    others = sorted({*last.values()} - deciding)
    moments = spread(sorted(deciding), min(len(deciding), MOMENTS * 2 // 3))
    moments += spread(others, min(len(others), MOMENTS - len(moments)))
    rest = [i for i in range(len(calls)) if i not in moments]
    return sorted(moments + spread(rest, MOMENTS - len(moments)))


def spread(moments, n):
    return [moments[i] for i in np.linspace(0, len(moments) - 1, n).astype(int)]


def check_all_moments(make, first, second):
    """Interrupt a second fit, and now and then a first one."""

    def state():
        shown = [model.predict(X), model.predict_age(X), model.labels_]
        return shown, model.cluster_table_, joblib.hash(vars(model))

    X = first[0][:2]
    model = make().fit(*first)
    wanted, table, digest = state()
    again = make().fit(*first)
    with interrupt_at() as calls:
        again.fit(*second)
    moments = choose_moments(calls)
    assert len(moments) == MOMENTS
    for i, moment in enumerate(moments):
        with pytest.raises(KeyboardInterrupt), interrupt_at(moment):
            model.fit(*second)
        found = state()
        for one, other in zip(found[0], wanted, strict=True):
            np.testing.assert_array_equal(one, other)
        pd.testing.assert_frame_equal(found[1], table)
        assert found[2] == digest, calls[moment]
        if i % 4 == 0:
            unfitted = make()
            with pytest.raises(KeyboardInterrupt), interrupt_at(moment):
                unfitted.fit(*second)
            with pytest.raises(NotFittedError):
                unfitted.predict(X)
            assert not hasattr(unfitted, "labels_")
    assert state()[2] != joblib.hash(vars(model.fit(*second)))
    return {calls[moment] for moment in moments}


def test_from_films_to_names(films, make_model):
    X, y = films.data[:6], films.target[:6]
    make = partial(make_model, encoder=PCA(2))
    names = check_all_moments(make, (X[:4], y[:4]), (X, y))
    assert any("NamedClusterer" in name for name in names)


def test_while_films_are_drawn_to_find_the_young_end(films, make_model, monkeypatch):
    monkeypatch.setattr(_maturity, "REFERENCE_FILMS", 4)
    params = {"regions": ["carpus", "radius", "ulna"], "method": "agreement"}
    params["consensus"] = MaturityCurve(max_iter=1)
    make = partial(make_model, encoder=PCA(2), **params)
    X, y = films.data[:6], films.target[:6].copy()
    y[4:] = np.nan  # too few ages are left to tell it
    names = check_all_moments(make, (X[:4], y[:4]), (X, y))
    assert any("drawn_hand" in name for name in names)


def test_latents_to_names():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(40, 2))
    y = 120 + 40 * X[:, 0].clip(-2, 2) + rng.normal(0, 5, 40)

    params = {"n_clusters": 3, "age_regressor": AgeRegressor(0, 1)}
    make = partial(NamedClusterer, **params, random_state=0)
    check_all_moments(make, (X[:30], y[:30]), (X, y))
