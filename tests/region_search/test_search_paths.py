"""Which subsets are scored, what is done once, and within which budget."""

from itertools import combinations, product

import numpy as np
import pytest
from joblib import parallel_config
from region_searches import REGIONS, SEARCHES, SPLITS, split_scores, subsets_of, visited
from sklearn.base import clone
from sklearn.cluster import KMeans
from sklearn.decomposition import PCA

from sklearn_baccaec import BoneAgeClusterer, LandmarkTable, RegionSubsetSearchCV
from sklearn_baccaec.model_selection._path import draw_subsets
from sklearn_baccaec.regions import KEY_REGIONS

PUZZLE_REGIONS = ("thumb_ip", "middle_dip", "little_dip", "radius")


@pytest.fixture(scope="module")
def puzzle(films):
    """All searches on films whose interval takes the radius and a finger tip to tell.

    The films are one, whose regions are painted over: two with one of two patterns
    each, the others with noise.
    """
    rng = np.random.default_rng(0)
    intervals = np.arange(16) % 4
    halves = {"middle_dip": intervals // 2, "radius": intervals % 2}
    patterns = rng.integers(0, 2, (2, 4, 4)).repeat(10, axis=1).repeat(10, axis=2)
    data = np.repeat(films.data[:1], 16, axis=0)
    for region in PUZZLE_REGIONS:
        x, y = films.landmarks[0, KEY_REGIONS.index(region)].astype(int)
        for i, film in enumerate(data):
            top, left = max(0, y - 20), max(0, x - 20)
            patch = film[top : y + 20, left : x + 20]
            noise = rng.integers(0, 100, patch.shape)
            if region in halves:
                pattern = patterns[halves[region][i]][: len(patch), : patch.shape[1]]
                noise = 200 * pattern + noise // 4
            patch[:] = noise
    model = BoneAgeClusterer(
        PUZZLE_REGIONS,
        landmarker=LandmarkTable.from_films(data, [films.landmarks[0]] * 16),
        preprocessor="passthrough",
        encoder=PCA(2),
        clusterer=KMeans(n_init=3),
        crop_shape=(16, 16),
    )
    numbers = {"forward": (2, 4), "backward": 4, "random": 4}
    search = RegionSubsetSearchCV(model, cv=2, refit=False, random_state=0)
    return {
        kind: clone(search)
        .set_params(search=kind, n_clusters=numbers[kind])
        .fit(data, 48 + 48 * intervals)
        for kind in SEARCHES
    }


@pytest.mark.parametrize("search", SEARCHES)
def test_the_regions_that_tell_are_found(puzzle, search):
    found = puzzle[search]
    assert found.best_params_ == {"regions": ("middle_dip", "radius"), "n_clusters": 4}
    assert found.best_score_ == 1
    assert found.largest_class_ == pytest.approx(1 / 4)
    for (regions, k), score in zip(
        visited(found), found.cv_results_["mean_test_score"], strict=True
    ):
        if not {"middle_dip", "radius"} <= set(regions):
            assert score < 0.75
        if k == 2:
            assert score <= 0.5


def test_forward_adds_to_the_best_of_each_round(puzzle):
    found = puzzle["forward"]
    subsets = subsets_of(found)
    assert subsets[:4] == [(region,) for region in PUZZLE_REGIONS]
    means = dict(zip(visited(found), found.cv_results_["mean_test_score"], strict=True))
    best = ()
    for size, count in ((1, 4), (2, 3), (3, 2), (4, 1)):
        tried = [subset for subset in subsets if len(subset) == size]
        assert len(tried) == count
        for subset in tried:
            assert set(best) < set(subset)
            assert subset == tuple(r for r in PUZZLE_REGIONS if r in subset)
        best = max(tried, key=lambda s: max(means[s, 2], means[s, 4]))


def test_backward_leaves_out_of_the_best_of_each_round(puzzle):
    subsets = subsets_of(puzzle["backward"])
    assert [len(subset) for subset in subsets] == [4, 3, 3, 3, 3, 2, 2, 2, 1, 1]
    assert subsets[0] == PUZZLE_REGIONS
    assert set(subsets[1:5]) == set(combinations(PUZZLE_REGIONS, 3))
    kept = set.union(*map(set, subsets[5:8]))
    assert len(kept) == 3
    assert {"middle_dip", "radius"} < kept  # noise was left out first
    assert {*subsets[8:]} == {("middle_dip",), ("radius",)}


def test_random_draws_distinct_subsets_of_all_sizes():
    drawn = draw_subsets(KEY_REGIONS, 2, 19, 600, 0)
    assert len(set(drawn)) == len(drawn) == 600
    counts = np.bincount([len(subset) for subset in drawn])
    assert not counts[:2].any()
    assert (counts[18], counts[19]) == (19, 1)  # all that there are
    assert (np.abs(counts[2:18] - 580 / 16) < 20).all()
    for subset in drawn:
        assert subset == tuple(sorted(subset, key=KEY_REGIONS.index))
    assert drawn[:50] == draw_subsets(KEY_REGIONS, 2, 19, 50, 0)
    assert drawn != draw_subsets(KEY_REGIONS, 2, 19, 600, 1)


def test_random_ends_when_all_subsets_are_scored(whole):
    subsets = [subset for size in (1, 2, 3) for subset in combinations(REGIONS, size)]
    everything = sorted(product(subsets, (2, 3)))
    assert sorted(visited(whole["random"])) == everything


@pytest.mark.parametrize(
    ("search", "budget"),
    [("forward", 1), ("forward", 7), ("backward", 7), ("random", 7)],
)
def test_budget(make_whole, whole, films, search, budget):
    found = make_whole(search=search, max_candidates=budget, refit=False)
    pairs = visited(found.fit(films.data, films.target))
    assert pairs == visited(whole[search])[:budget]


@pytest.mark.parametrize("search", SEARCHES)
def test_no_candidate_is_scored_twice(whole, search):
    pairs = visited(whole[search])
    assert len(set(pairs)) == len(pairs) == (14 if search == "random" else 12)


@pytest.mark.parametrize("search", SEARCHES)
def test_bounds(make_search, films, search):
    found = make_search(search=search, min_regions=2, max_regions=2)
    found.fit(films.data, 12 * [100])  # all candidates are equally good
    assert len(found.best_params_["regions"]) == 2
    sizes = {len(regions) for regions in subsets_of(found)}
    assert sizes == {"forward": {1, 2}, "backward": {3, 2}, "random": {2}}[search]


# Work


@pytest.fixture
def count(monkeypatch):
    """Note how many films each call of a method is given."""

    def count(kind, method):
        sizes, original = [], getattr(kind, method)

        def counted(self, X, *args):
            sizes.append(len(X))
            return original(self, X, *args)

        monkeypatch.setattr(kind, method, counted)
        return sizes

    return count


def test_films_are_read_and_cropped_once_and_encoded_once_per_fold(
    make_model, make_search, film_folder, films, count, reads
):
    located, fits = count(LandmarkTable, "predict"), count(PCA, "fit")
    model = make_model(landmarker=LandmarkTable(film_folder / "landmarks.csv"))
    found = make_search(model, max_regions=2)
    found.fit(sorted(film_folder.glob("*.png")), films.target)
    n_best = len(found.best_params_["regions"])
    assert fits == 6 * [6] + n_best * [12]  # the search, then the refit
    assert located == [12, 12]
    assert sorted(reads) == sorted(2 * [*range(12)])


def test_memory_is_that_of_the_model(make_model, make_search, films, tmp_path):
    def trained():
        return len(list(tmp_path.rglob("_fit_region/*/output.pkl")))

    model = make_model(memory=tmp_path)
    make_search(model, refit=False).fit(films.data, films.target)
    assert trained() == 6
    for train, _ in SPLITS.split(films.data):
        clone(model).fit(films.data[train])
    search = make_search(model, search="backward", max_regions=None, max_candidates=1)
    search.fit(films.data, films.target)
    assert trained() == 6 + 3  # of the refit


def test_results_do_not_depend_on_n_jobs(make_whole, fitted, films):
    with parallel_config("threading"):
        found = make_whole(n_jobs=3).fit(films.data, films.target)
    assert visited(found) == visited(fitted)
    np.testing.assert_array_equal(split_scores(found), split_scores(fitted))


def test_progress_bar(make_search, films, capsys):
    search = make_search(refit=False, max_candidates=2)
    search.fit(films.data, films.target)
    assert capsys.readouterr().err == ""
    search.set_params(verbose=1).fit(films.data, films.target)
    printed = capsys.readouterr().err
    assert "candidates: 100%" in printed
    assert "2/2" in printed
