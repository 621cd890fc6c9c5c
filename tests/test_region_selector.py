import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from sklearn_baccaec import RegionSelector
from sklearn_baccaec.regions import KEY_REGIONS


@pytest.fixture
def frame():
    columns = [f"{r}_ccaec{i}" for r in ("radius", "carpus", "ulna") for i in range(2)]
    return pd.DataFrame(np.arange(12.0).reshape(2, 6), columns=columns)


def test_regions_are_told_by_column_names(frame):
    selector = RegionSelector(["ulna", "radius"]).fit(frame)
    assert selector.regions_ == ("radius", "ulna")
    kept = frame.iloc[:, [0, 1, 4, 5]]
    np.testing.assert_array_equal(selector.transform(frame), kept)
    assert list(selector.get_feature_names_out()) == list(kept)


@pytest.mark.parametrize(
    "order", [[0, 2, 1, 3, 4, 5], [0, 1, 2, 4], [0, 1, 4, 2, 3, 5]]
)
def test_columns_that_are_no_equal_blocks_are_refused(frame, order):
    with pytest.raises(ValueError, match="columns"):
        RegionSelector(["radius"]).fit(frame.iloc[:, order])


@settings(max_examples=50, deadline=None)
@given(
    regions=st.lists(st.integers(1, 19), min_size=1, unique=True),
    width=st.integers(1, 4),
)
def test_columns_keep_their_order(regions, width):
    X = np.repeat(np.arange(1, 20), width)[None]
    selector = RegionSelector(regions)
    np.testing.assert_array_equal(
        selector.fit_transform(X), np.repeat(sorted(regions), width)[None]
    )
    assert selector.regions_ == tuple(KEY_REGIONS[i - 1] for i in sorted(regions))
    assert selector.get_support().sum() == width * len(regions)
    filled = selector.inverse_transform(selector.transform(X))
    np.testing.assert_array_equal(filled, np.where(np.isin(X, regions), X, 0))


def test_order_of_the_columns_is_that_of_all_regions():
    X = np.arange(3)[None]
    selector = RegionSelector([17, "carpus"], all_regions=["carpus", 18, "radius"])
    np.testing.assert_array_equal(selector.fit_transform(X), [[0, 2]])
    assert selector.regions_ == ("carpus", "radius")


def test_all_regions_keep_everything():
    X = np.arange(38.0)[None]
    for regions in (None, KEY_REGIONS, range(1, 20)):
        np.testing.assert_array_equal(RegionSelector(regions).fit_transform(X), X)


def test_names_outlive_scaling_and_nan(frame):
    selector = RegionSelector("ulna").set_output(transform="pandas")
    frame.iloc[0, 4:6] = np.nan  # the row of a film that was set aside
    out = selector.fit_transform(frame)
    pd.testing.assert_frame_equal(out, frame[["ulna_ccaec0", "ulna_ccaec1"]])


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"regions": ["wrist"]}, "no columns of wrist; it holds radius, carpus, ulna"),
        ({"regions": ["elbow"]}, "unknown region 'elbow'"),
        ({"regions": [20]}, "unknown region 20"),
        ({"regions": []}, "regions is empty"),
        ({"regions": ["ulna", 18]}, "twice: ulna"),
        ({"all_regions": ["ulna", "wrist", 1, 2]}, "do not split into 4 regions"),
    ],
)
def test_wrong_regions(frame, params, message):
    with pytest.raises(ValueError, match=message):
        RegionSelector(**params).fit(frame)


@pytest.mark.parametrize(("n_regions", "width"), [(19, 128), (19, 100), (9, 128)])
def test_latents_are_split_however_wide(n_regions, width):
    """Latents are no pixels: nothing asks for squares."""
    X = np.repeat(np.arange(n_regions), width)[None]
    np.testing.assert_array_equal(RegionSelector().fit_transform(X), X)
    if n_regions == 19:
        carpus = RegionSelector(["carpus"]).fit_transform(X)
        np.testing.assert_array_equal(carpus, np.full((1, width), 18))


def test_not_fitted_and_clone(frame):
    selector = RegionSelector(["ulna"]).fit(frame)
    with pytest.raises(NotFittedError):
        clone(selector).transform(frame)
    with pytest.raises(ValueError, match="feature"):
        selector.transform(frame.iloc[:, :5])


class TestMinRegions:
    """Rows of three regions, two columns each, that lack none, one, two, all."""

    ALL = ("carpus", "radius", "ulna")

    @pytest.fixture
    def rows(self):
        rows = np.arange(24.0).reshape(4, 6)
        for i in range(1, 4):
            rows[i, : 2 * i] = np.nan
        return rows

    @pytest.mark.parametrize(
        ("min_regions", "kept"),
        [(None, 1), (3, 1), (2, 2), (1, 3), (9, 1), (0.5, 2), (0.7, 1), (0.3, 3)],
    )
    def test_films_with_too_few_regions_are_set_aside(self, rows, min_regions, kept):
        selector = RegionSelector(all_regions=self.ALL, min_regions=min_regions)
        out = selector.fit_transform(rows)
        np.testing.assert_array_equal(out[:kept], rows[:kept])
        assert np.isnan(out[kept:]).all()

    def test_regions_that_are_left_out_may_lack(self, rows):
        selector = RegionSelector(["ulna"], all_regions=self.ALL).fit(rows)
        out = selector.transform(rows)
        np.testing.assert_array_equal(out[:3], rows[:3, 4:])
