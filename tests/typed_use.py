"""How users call the package: mypy checks it, nothing here is ever run."""

from pathlib import Path
from typing import assert_type

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline
from sklearn.utils import Bunch

import sklearn_baccaec
from sklearn_baccaec import (
    CCAEC,
    VAE,
    AgeRegressor,
    BoneAgeClusterer,
    HandLandmarker,
    HOGComponents,
    HybridClusterer,
    KeyRegionExtractor,
    LandmarkTable,
    MaturityCurve,
    NamedClusterer,
    RegionConsensus,
    RegionEncoder,
    RegionPreprocessor,
    RegionSelector,
    RegionSubsetSearchCV,
    datasets,
    load_model,
    majority_label_scorer,
    save_model,
)
from sklearn_baccaec.datasets import (
    load_radiographs,
    make_hand_radiographs,
    to_girls_months,
)
from sklearn_baccaec.films import read_film
from sklearn_baccaec.metrics import assign_age_intervals, majority_label_accuracy
from sklearn_baccaec.plotting import KeyRegionDisplay, RegionAgeDisplay
from sklearn_baccaec.regions import KEY_REGIONS
from sklearn_baccaec.report import write_report, write_sheet


def use_the_package() -> None:
    assert_type(sklearn_baccaec.__version__, str)
    assert_type(KEY_REGIONS, tuple[str, ...])

    # Films
    films: Bunch = make_hand_radiographs(12, random_state=0)
    films = datasets.make_hand_radiographs(12, film_shape=(160, 120))
    films = load_radiographs("films", "ages.csv")
    tables: list[str | pd.DataFrame] = [
        "ages.csv",
        pd.DataFrame({"id": ["a"], "sex": ["F"]}),
    ]
    films = load_radiographs(["a.png", "more"], tables, unit="years", recursive=True)
    assert_type(read_film("film.png"), np.ndarray)
    months: np.ndarray = to_girls_months(films.target, sex=films.sex)
    months = to_girls_months([120, 90.5], sex=["M", None])
    assert months.shape == (2,)

    # The whole method
    model = BoneAgeClusterer(
        ["carpus", 17],
        8,
        method="agreement",
        crop_scale=0.5,
        memory="cache",
        random_state=0,
    )
    assert_type(model.fit(films.data, films.target, sex=films.sex), BoneAgeClusterer)
    assert_type(model.fit_predict(films.data), np.ndarray)
    assert_type(model.predict(films.data), np.ndarray)
    assert_type(model.predict_age(films.data, sex=films.sex), np.ndarray)
    _, ranges = model.predict_age(films.data, return_range=True)
    assert_type(ranges, np.ndarray)
    save_model(model, "model.skops")
    assert_type(load_model("model.skops"), BoneAgeClusterer)
    assert_type(model.predict_interval(films.data), np.ndarray)
    assert_type(model.transform(films.data), np.ndarray)
    assert_type(model.score(films.data, films.target), float)
    assert_type(model.assign(films.data), pd.DataFrame)
    assert_type(model.assignments_, pd.DataFrame)
    assert_type(model.name_clusters(films.data, films.target), BoneAgeClusterer)
    assert_type(model.suggest(films.data, 3), np.ndarray)
    assert_type(model.examine(films.data), Bunch)
    assert_type(model.make_pipeline(), Pipeline)
    assert_type(model.named_clusterer_, NamedClusterer)
    write_report(model, films.data, films.target, sex=films.sex, path="report.html")
    assert_type(majority_label_scorer(model, films.data, films.target), float)

    BoneAgeClusterer(method="pca")  # type: ignore[arg-type]
    BoneAgeClusterer(regions="carpus", n_clusters="8")  # type: ignore[arg-type]
    model.predict_age(films.data, films.sex)  # type: ignore[call-overload]

    # Its steps
    landmarker = HandLandmarker("weights.npz", n_jobs=2).fit(films.data)
    assert_type(landmarker, HandLandmarker)
    assert_type(landmarker.predict(films.data), np.ndarray)
    table = LandmarkTable.from_films(films.data, films.landmarks)
    assert_type(table, LandmarkTable)
    crops = KeyRegionExtractor(KEY_REGIONS, landmarker=table).fit_transform(films.data)
    assert_type(crops, np.ndarray)
    crops = RegionPreprocessor(regions=KEY_REGIONS).fit(crops).transform(crops)
    encoder = RegionEncoder(VAE(max_steps=9), overrides={"carpus": CCAEC()}).fit(crops)
    assert_type(encoder, RegionEncoder)
    assert_type(encoder.transform(crops), np.ndarray)
    assert_type(CCAEC(region_shape=(64, 64)).fit(crops), CCAEC)
    assert_type(RegionSelector(["radius"]).fit(crops), RegionSelector)
    assert_type(RegionConsensus(2).fit(crops), RegionConsensus)
    curve = MaturityCurve(min_regions=4).fit(crops)
    assert_type(curve, MaturityCurve)
    assert_type(curve.restrict(["carpus"]).flip(), MaturityCurve)
    assert_type(curve.score_samples(crops), np.ndarray)
    assert_type(HOGComponents(8, remainder=True).fit(crops), HOGComponents)
    assert_type(AgeRegressor().fit(crops, films.target), AgeRegressor)
    assert_type(HybridClusterer(4).fit(crops), HybridClusterer)
    named = NamedClusterer(HybridClusterer(4), age_regressor=AgeRegressor())
    assert_type(named.fit(crops, films.target, sex=films.sex), NamedClusterer)
    assert_type(named.predict_age(crops), np.ndarray)
    assert_type(named.assign(crops), pd.DataFrame)
    assert_type(named.cluster_table_, pd.DataFrame)

    # Beside it
    search = RegionSubsetSearchCV(model, search="backward", n_clusters=(8, 16))
    assert_type(search.fit(films.data, films.target), RegionSubsetSearchCV)
    assert_type(assign_age_intervals(films.target), np.ndarray)
    assert_type(majority_label_accuracy(films.target, model.labels_), float)
    assert_type(KeyRegionDisplay.from_film(films.data[0]), KeyRegionDisplay)
    display = KeyRegionDisplay.from_estimator(model, films.data[0])
    assert_type(display, KeyRegionDisplay)
    assert_type(model.predict_region_age(films.data, sex=films.sex), np.ndarray)
    why = RegionAgeDisplay.from_estimator(model, films.data[0], sex="F")
    assert_type(why, RegionAgeDisplay)
    assert_type(write_sheet(model, "a.png", sex="F", age=84, path="a.html"), Path)
