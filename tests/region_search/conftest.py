"""Small searches over three regions, and quick models of them."""

from functools import partial

import pytest
from region_searches import REGIONS, SEARCHES, SPLITS
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA

from sklearn_baccaec import RegionSubsetSearchCV


@pytest.fixture(scope="package")
def make_model(make_model):
    """Models of three regions, with an encoder that takes no time."""
    return partial(
        make_model,
        regions=REGIONS,
        encoder=PCA(2),
        n_clusters=None,
        clusterer=KMeans(3, n_init=1),
        preprocessor="passthrough",
    )


@pytest.fixture(scope="package")
def make_search(make_model):
    """Searches for one of these three regions, quick unless parameters say more."""

    def make(model=None, **params):
        defaults = {"n_clusters": 3, "max_regions": 1, "cv": SPLITS, "random_state": 0}
        return RegionSubsetSearchCV(
            make_model() if model is None else model, **{**defaults, **params}
        )

    return make


@pytest.fixture(scope="package")
def make_whole(make_search):
    """Searches whose path is not cut short, with two numbers of clusters."""
    return partial(make_search, n_clusters=(2, 3), max_regions=None)


@pytest.fixture(scope="package")
def whole(make_whole, films):
    """Every kind of search, fitted."""
    return {
        search: make_whole(search=search).fit(films.data, films.target)
        for search in SEARCHES
    }


@pytest.fixture(scope="package")
def fitted(whole):
    return whole["forward"]
