"""Ages by single regions: places on the curve, and where there is none."""

import numpy as np
import pytest
from sklearn.decomposition import PCA

from sklearn_baccaec import (
    BoneAgeClusterer,
    LandmarkTable,
    MaturityCurve,
    RegionConsensus,
    load_pretrained,
)
from sklearn_baccaec.datasets import make_hand_radiographs
from sklearn_baccaec.regions import KEY_REGIONS

N_FILMS = 30
FOUR = ["index_mcp", "radius", "ulna", "carpus"]


@pytest.fixture(scope="module")
def hands():
    return make_hand_radiographs(N_FILMS, film_shape=(160, 120), random_state=3)


@pytest.fixture(scope="module")
def pretrained(hands):
    return load_pretrained(landmarker=LandmarkTable.from_films(*arrays(hands)))


@pytest.fixture(scope="module")
def make_agreement(hands):
    def make(**params):
        return BoneAgeClusterer(
            FOUR,
            2,
            method="agreement",
            landmarker=LandmarkTable.from_films(*arrays(hands)),
            random_state=0,
            **{"encoder": PCA(4, random_state=0), **params},
        )

    return make


def arrays(hands):
    return hands.data, hands.landmarks


def test_every_region_is_read_as_a_film_at_its_place(pretrained, hands):
    ages = pretrained.predict_region_age(hands.data, sex=hands.sex)
    assert ages.shape == (N_FILMS, len(KEY_REGIONS))
    examined = pretrained.examine(hands.data)
    curve = pretrained.pipeline_["consensus"].estimator
    t = curve.region_maturity(examined.region_latents)
    named = pretrained.named_clusterer_
    for i in (0, 15, 18):
        expected = named.predict_age(t[:, [i]], sex=hands.sex)
        np.testing.assert_allclose(ages[:, i], expected)
    # Together they tell what the film does, and not each the same.
    film = pretrained.predict_age(hands.data, sex=hands.sex)
    assert np.corrcoef(np.median(ages, axis=1), film)[0, 1] > 0.95
    assert (ages.std(axis=1) > 1).all()


def test_a_model_of_one_region_says_what_the_region_says(hands, pretrained):
    alone = load_pretrained(landmarker=pretrained.landmarker, regions=["radius"])
    whole = pretrained.predict_region_age(hands.data, sex=hands.sex)
    radius = alone.predict_region_age(hands.data, sex=hands.sex)
    np.testing.assert_allclose(radius[:, 0], whole[:, KEY_REGIONS.index("radius")])


def test_ages_are_for_each_sex_and_the_mean_of_both_without(pretrained, hands):
    X = hands.data[:6]
    girls, boys = (pretrained.predict_region_age(X, sex=[s] * 6) for s in "FM")
    assert (girls < boys).all()
    with pytest.warns(UserWarning, match="ages are for each sex") as caught:
        unknown = pretrained.predict_region_age(X)
    np.testing.assert_allclose(unknown, (girls + boys) / 2)
    assert caught[0].filename == __file__
    mixed = pretrained.predict_region_age(X, sex=["F", None, "M", "F", True, np.nan])
    np.testing.assert_allclose(mixed[[0, 3]], girls[[0, 3]])
    np.testing.assert_allclose(mixed[[1, 5]], unknown[[1, 5]])
    np.testing.assert_allclose(mixed[[2, 4]], boys[[2, 4]])


def test_regions_that_are_absent_have_no_age(hands):
    landmarks = np.dstack([hands.landmarks, np.ones((N_FILMS, 19))])
    carpus, ulna = KEY_REGIONS.index("carpus"), KEY_REGIONS.index("ulna")
    landmarks[0, [carpus, ulna]] = np.nan, np.nan, 0
    landmarks[1, :17] = np.nan, np.nan, 0  # two are too few: it is set aside
    model = load_pretrained(
        landmarker=LandmarkTable.from_films(hands.data, landmarks), on_error="skip"
    )
    ages = model.predict_region_age(hands.data[:3], sex=hands.sex[:3])
    np.testing.assert_array_equal(np.isnan(ages).sum(axis=1), [2, len(KEY_REGIONS), 0])
    assert np.isnan(ages[0, [carpus, ulna]]).all()


def test_known_ages_move_the_regions_as_the_film(make_agreement, hands):
    X, sex, months = hands.data, hands.sex, 40 + 0.7 * hands.target
    model, later = (
        make_agreement().fit(X, ages, sex=sex) for ages in (months, months + 20)
    )
    regions = later.predict_region_age(X, sex=sex) - model.predict_region_age(
        X, sex=sex
    )
    film = later.predict_age(X, sex=sex) - model.predict_age(X, sex=sex)
    assert regions.shape == (N_FILMS, len(FOUR))
    assert film.min() > 10
    np.testing.assert_allclose(regions, np.tile(film[:, None], 4), atol=3)


def test_models_that_say_nothing_of_single_regions(make_agreement, hands, pca_model):
    straight = make_agreement(consensus=RegionConsensus(n_components=1))
    straight.fit(hands.data, hands.target)
    with pytest.raises(ValueError, match="RegionConsensus places no region by itself"):
        straight.predict_region_age(hands.data)
    with pytest.raises(ValueError, match="the model has no maturity axis"):
        pca_model.predict_region_age(hands.data)
    ageless = make_agreement(consensus=MaturityCurve()).fit(hands.data)
    with pytest.raises(ValueError, match="the clusters have no names: give ages"):
        ageless.predict_region_age(hands.data)


def test_wrong_sexes_are_refused(pretrained, hands):
    with pytest.raises(ValueError, match="sex has 2 codes for 30 films"):
        pretrained.predict_region_age(hands.data, sex=["F", "M"])
