"""The model that is there: months for any film, without a label and a fit."""

from __future__ import annotations

import pickle
import re

import numpy as np
import pytest
from scipy.stats import spearmanr
from sklearn.base import clone

import sklearn_baccaec._pretrained as pretrained
from sklearn_baccaec import (
    BoneAgeClusterer,
    LandmarkTable,
    RegionSubsetSearchCV,
    load_model,
    load_pretrained,
    save_model,
)
from sklearn_baccaec._clusterer import _examination
from sklearn_baccaec._clusterer._reliability import measure_reliability, note_doubts
from sklearn_baccaec.datasets import make_hand_radiographs
from sklearn_baccaec.report import write_report

FOUR = ["index_pip", "radius", "ulna", "carpus"]


@pytest.fixture(scope="module")
def films():
    return make_hand_radiographs(24, film_shape=(200, 150), random_state=0)


@pytest.fixture(scope="module")
def landmarker(films):
    return LandmarkTable.from_films(films.data, films.landmarks)


@pytest.fixture(scope="module")
def model(landmarker):
    return load_pretrained(landmarker=landmarker)


def test_it_is_fitted_and_knows_no_film(model):
    assert model.method == "pretrained"
    assert len(model.labels_) == len(model.maturity_) == len(model.assignments_) == 0
    assert model.named_clusterer_.age_source_ == "drawn hands, without a label"
    assert model.n_clusters_ == 16
    assert not hasattr(model, "cluster_table_")


def test_films_are_in_order(model, films):
    t = model.predict_maturity(films.data)
    assert spearmanr(t, films.target)[0] > 0.8
    months = model.predict_age(films.data, sex=films.sex)
    assert spearmanr(months, films.target)[0] > 0.8
    table = model.assign(films.data, sex=films.sex)
    np.testing.assert_array_equal(table["age"], months)
    bounds = model.predict_interval(films.data, sex=films.sex)
    assert ((bounds[:, 0] <= months) & (months <= bounds[:, 1])).all()


def test_one_film_is_told_as_among_others(model, films):
    together = model.predict_age(films.data, sex=films.sex)
    alone = model.predict_age(films.data[5:6], sex=films.sex[5:6])
    np.testing.assert_allclose(alone, together[5:6], atol=0.1)


def test_ranges_are_open_where_hands_look_the_same(model, films):
    months, ranges = model.predict_age(films.data, sex=films.sex, return_range=True)
    last = np.where(films.sex == "F", 168, 192)
    np.testing.assert_array_equal(np.isinf(ranges[:, 1]), months >= last)
    assert (ranges[:, 0] <= months).all()
    closed = np.isfinite(ranges[:, 1])
    assert set((ranges[:, 1] - months)[closed].round(6)) <= {11, 14, 15, 18}


def test_without_sex_the_range_reaches_across_both(model, films):
    with pytest.warns(UserWarning, match="ages are for each sex, but no sex is given"):
        unknown, wide = model.predict_age(films.data, return_range=True)
    of_sex = [
        model.predict_age(films.data, sex=[sex] * 24, return_range=True)
        for sex in ("F", "M")
    ]
    np.testing.assert_allclose(unknown, np.mean([ages for ages, _ in of_sex], axis=0))
    lowest = np.min([ranges[:, 0] for _, ranges in of_sex], axis=0)
    np.testing.assert_allclose(wide[:, 0], lowest)
    highest = np.max([ranges[:, 1] for _, ranges in of_sex], axis=0)
    np.testing.assert_allclose(wide[:, 1], highest)  # open if it is for either sex


def test_known_ages_settle_an_offset(model, films):
    shifted = films.target + 30
    named = pickle.loads(pickle.dumps(model))
    before = np.abs(model.predict_age(films.data, sex=films.sex) - shifted).mean()
    named.name_clusters(films.data, shifted, sex=films.sex)
    after = np.abs(named.predict_age(films.data, sex=films.sex) - shifted).mean()
    assert after < 0.6 * before
    assert "known ages" in named.named_clusterer_.age_source_
    one = np.where(np.arange(24) == 3, films.target, np.nan)
    named.name_clusters(films.data, one, sex=films.sex)
    assert np.isfinite(named.predict_age(films.data, sex=films.sex)).all()


def test_fit_learns_clusters_and_never_the_axis(model, films):
    fitted = clone(model).set_params(n_clusters=4).fit(films.data)
    np.testing.assert_array_equal(fitted.maturity_, model.predict_maturity(films.data))
    few = clone(fitted).fit(films.data[:8])
    np.testing.assert_allclose(few.maturity_, fitted.maturity_[:8], atol=1e-9)
    np.testing.assert_array_equal(
        fitted.predict_age(films.data, sex=films.sex),
        model.predict_age(films.data, sex=films.sex),
    )


def test_doubts_are_told(model, films):
    table = model.assign(films.data, sex=films.sex)
    assert table.attrs["age_source"] == "drawn hands, without a label"
    prior = model.named_clusterer_.age_regressor_.prior
    girls = prior.predict(table["maturity"].to_numpy(), np.zeros(24))
    found = table["reason"].fillna("")
    np.testing.assert_array_equal(found.str.contains("very young"), girls < 56)
    assert 0 < (girls < 56).sum() < 24
    examined = model.examine(films.data)
    curve = model.pipeline_["consensus"].estimator
    far = curve.score_samples(examined.region_latents) > curve.distance_limit_
    np.testing.assert_array_equal(found.str.contains("unlike the films"), far)
    fitted = clone(model).set_params(n_clusters=2).fit(films.data, sex=films.sex)
    np.testing.assert_array_equal(fitted.assignments_["reason"], table["reason"])


def test_wrist_and_fingers_that_differ_are_told(model, films):
    """A young wrist put on an older hand."""
    crops = np.array(model.examine(films.data).crops).reshape(24, 19, -1)
    young, old = films.target.argsort()[[6, -6]]
    regions = model.pipeline_[0].regions_
    wrist = [regions.index(name) for name in ("wrist", "carpus", "radius", "ulna")]
    crops[old, wrist] = crops[young, wrist]
    latents = model.pipeline_[1:3].transform(crops.reshape(24, -1))
    told = measure_reliability(model.pipeline_, latents)
    t = model.pipeline_[3:-1].transform(latents)[:, 0]
    notes = note_doubts(model.named_clusterer_, t, told, np.zeros(24))
    (note,) = [note for note in notes[old] if note.startswith("wrist")]
    assert re.fullmatch(r"wrist \d+ months behind the fingers", note)
    months = [
        model.named_clusterer_.age_regressor_.predict([[place, 0]])[0]
        for place in told[old, 1:]
    ]
    assert f"wrist {months[1] - months[0]:.0f} months" in note


def test_predictions_hold_few_crops(model, films, monkeypatch):
    expected = model.predict_maturity(films.data)
    seen = []
    steps = model.pipeline_[0].__class__
    extract = steps._extract_in_blocks

    def watched(self, X, size, take):
        def note(crops):
            seen.append(len(crops))
            take(crops)

        return extract(self, X, size, note)

    monkeypatch.setattr(steps, "_extract_in_blocks", watched)
    monkeypatch.setattr(_examination, "BLOCK", 10)
    np.testing.assert_allclose(model.predict_maturity(films.data), expected, atol=1e-6)
    assert seen == [10, 10, 4]


def test_it_can_be_saved(model, films, tmp_path):
    save_model(model, tmp_path / "model.skops")
    loaded = load_model(tmp_path / "model.skops")
    np.testing.assert_allclose(
        loaded.predict_age(films.data, sex=films.sex),
        model.predict_age(films.data, sex=films.sex),
    )


def test_it_can_be_reported(model, films, tmp_path):
    path = write_report(
        model, films.data, films.target, sex=films.sex, path=tmp_path / "report.html"
    )
    page = path.read_text(encoding="utf-8")
    assert "pretrained" in page
    assert "held-out" in page


def test_some_regions_leave_the_others_out(landmarker, model, films):
    some = load_pretrained(regions=FOUR, landmarker=landmarker)
    region_latents = model.examine(films.data).region_latents.reshape(24, 19, -1)
    kept = [model.pipeline_[0].regions_.index(region) for region in FOUR]
    masked = np.full_like(region_latents, np.nan)
    masked[:, kept] = region_latents[:, kept]
    curve = model.pipeline_["consensus"]
    np.testing.assert_allclose(
        some.predict_maturity(films.data),
        curve.transform(masked.reshape(24, -1))[:, 0],
        atol=1e-6,
    )


@pytest.mark.parametrize(
    ("params", "named"),
    [
        ({"crop_shape": (32, 32)}, "crop_shape"),
        ({"crop_scale": 1.0}, "crop_scale"),
        ({"preprocessor": "passthrough"}, "preprocessor"),
    ],
)
def test_its_steps_cannot_be_exchanged(params, named):
    with pytest.raises(ValueError, match=rf"leave {named} out"):
        load_pretrained(**params)


def test_regions_may_come_in_any_order(landmarker, films):
    models = [
        load_pretrained(regions=order, landmarker=landmarker)
        for order in (FOUR, FOUR[::-1])
    ]
    one, other = (model.predict_maturity(films.data) for model in models)
    np.testing.assert_array_equal(one, other)
    assert models[1].pipeline_[0].regions_ == models[0].pipeline_[0].regions_


@pytest.mark.parametrize(
    ("params", "error", "message"),
    [
        ({"method": "agreement"}, TypeError, "no parameter 'method'"),
        ({"on_error": "ignore"}, ValueError, "on_error"),
        ({"n_clusters": 600}, ValueError, "n_clusters=600 is more than 512"),
    ],
)
def test_wrong_parameters_are_refused_at_once(params, error, message):
    with pytest.raises(error, match=message):
        load_pretrained(**params)


def test_a_search_over_regions(landmarker, films):
    model = BoneAgeClusterer(
        FOUR, 3, method="pretrained", landmarker=landmarker, random_state=0
    )
    search = RegionSubsetSearchCV(model, cv=2, min_regions=3, random_state=0)
    search.fit(films.data, films.target, sex=films.sex)
    assert set(search.best_params_["regions"]) <= set(FOUR)
    months = search.predict_age(films.data, sex=films.sex)
    assert np.isfinite(months).all()


def test_a_changed_file_is_refused(tmp_path, monkeypatch):
    changed = tmp_path / "months.npz"
    changed.write_bytes(pretrained._FILE.read_bytes()[:-1] + b"x")
    monkeypatch.setattr(pretrained, "_FILE", changed)
    pretrained.load_parts.cache_clear()
    with pytest.raises(ValueError, match="was changed: install"):
        load_pretrained()
    monkeypatch.undo()
    pretrained.load_parts.cache_clear()


def test_its_file_is_small():
    assert pretrained._FILE.stat().st_size < 500_000
