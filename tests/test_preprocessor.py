import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from sklearn_baccaec import KeyRegionExtractor, RegionPreprocessor
from sklearn_baccaec.regions import KEY_REGIONS

SIDE = 16
BARE = {"equalize": None, "blur": None, "threshold_block": None}
STEPS = [
    {},
    {"equalize": "clahe"},
    {"equalize": None},
    {"blur": None},
    {"threshold_block": None},
    {"equalize": "clahe", "blur": 3, "threshold_block": None},
    BARE,
]


@pytest.fixture(scope="module")
def crops(films, landmarker):
    """Two regions of 12 films, 16 x 16 pixels."""
    return KeyRegionExtractor(
        ["carpus", "radius"], landmarker=landmarker, crop_shape=(SIDE, SIDE)
    ).fit_transform(films.data)


def processed(X, regions=("carpus", "radius"), **parameters):
    return RegionPreprocessor(regions=regions, **parameters).fit_transform(X)


# The steps
@pytest.mark.parametrize("steps", STEPS, ids=str)
def test_shape_type_and_levels(crops, steps):
    before = crops.copy()
    out = processed(crops, **steps)
    assert out.shape == crops.shape
    assert out.dtype == np.uint8
    levels = len(np.unique(out))
    assert levels == 2 if steps.get("threshold_block", 31) else levels > 20
    np.testing.assert_array_equal(crops, before)


def test_threshold_leaves_black_and_white(crops):
    assert np.unique(processed(crops)).tolist() == [0, 255]
    lower = processed(crops, threshold_offset=0)
    assert (lower >= processed(crops)).all()
    assert (lower > processed(crops)).any()


def test_every_step_does_something(crops):
    results = [processed(crops, **steps).tobytes() for steps in STEPS]
    assert len(set(results)) == len(STEPS)
    strong = processed(crops, equalize="clahe", clip_limit=40.0)
    assert (strong != processed(crops, equalize="clahe")).any()


def test_without_steps_the_grey_values_are_stretched():
    crop = np.array([[10, 20, 30, 60]])
    np.testing.assert_array_equal(processed(crop, None, **BARE), [[0, 51, 102, 255]])


def test_bright_square_becomes_white():
    crop = np.full((32, 32), 40)
    crop[12:20, 12:20] = 200
    out = processed(crop.reshape(1, -1), None).reshape(32, 32)
    assert (out[14:18, 14:18] == 255).all()
    assert not out[:6].any()


@pytest.mark.parametrize("value", [0, 7, 255, -3.5])
@pytest.mark.parametrize("steps", STEPS, ids=str)
def test_constant_crop_stays_constant(steps, value):
    out = processed(np.full((2, 2 * SIDE * SIDE), value), **steps)
    assert (out == out[0, 0]).all()


# What does not matter
@pytest.mark.parametrize("steps", STEPS, ids=str)
def test_type_and_memory_order_do_not_matter(crops, steps):
    expected = processed(crops, **steps)
    kinds = (np.float64, np.float32, np.uint16)
    typed = [crops.astype(dtype) for dtype in kinds]
    for X in (*typed, np.asfortranarray(crops), crops.tolist(), pd.DataFrame(crops)):
        np.testing.assert_array_equal(processed(X, **steps), expected)


grey_crops = hnp.arrays(np.uint8, (2, 2 * SIDE * SIDE), elements=st.integers(0, 255))


@settings(max_examples=40, deadline=None)
@given(
    X=grey_crops,
    power=st.integers(-12, 12),
    offset=st.integers(-1000, 1000),
    steps=st.sampled_from(STEPS),
)
def test_brightness_and_exposure_do_not_matter(X, power, offset, steps):
    scaled = X * 2.0**power + offset  # exact, so that no rounding differs
    np.testing.assert_array_equal(processed(scaled, **steps), processed(X, **steps))


@settings(max_examples=40, deadline=None)
@given(X=grey_crops, slope=st.floats(1e-3, 1e3), offset=st.floats(-1e3, 1e3))
def test_any_exposure_changes_no_grey_value_by_more_than_one(X, slope, offset):
    grey = processed(X, **BARE).astype(int)
    scaled = processed(X * slope + offset, **BARE)
    assert np.abs(scaled - grey).max() <= 1


@settings(max_examples=40, deadline=None)
@given(top=st.integers(1, 255), slope=st.sampled_from([3, 10, 257]))
def test_whole_number_scaling_is_exact(top, slope):
    X = np.arange(top + 1)[None]
    grey = processed(X, "carpus", **BARE)
    scaled = processed(X * slope + 5, "carpus", **BARE)
    np.testing.assert_array_equal(scaled, grey)


@settings(max_examples=20, deadline=None)
@given(order=st.lists(st.integers(0, 11), min_size=1), steps=st.sampled_from(STEPS))
def test_rows_do_not_depend_on_each_other(crops, order, steps):
    fitted = RegionPreprocessor(regions=["carpus", "radius"], **steps).fit(crops)
    every = fitted.transform(crops)
    np.testing.assert_array_equal(fitted.transform(crops[order]), every[order])


def test_regions_do_not_depend_on_each_other(crops):
    width = SIDE * SIDE
    alone = processed(crops[:, width:], ["radius"])
    np.testing.assert_array_equal(processed(crops)[:, width:], alone)


# Layout
def frame(names, n_columns):
    columns = [f"{name}_y0_x{i}" for name in names for i in range(n_columns)]
    X = np.random.default_rng(0).integers(0, 256, (3, len(columns)))
    return pd.DataFrame(X, columns=columns)


@pytest.mark.parametrize(
    ("n_features", "regions", "shape", "expected_regions", "expected_shape"),
    [
        (19 * 64, None, None, KEY_REGIONS, (8, 8)),
        (19 * 60, None, (6, 10), KEY_REGIONS, (6, 10)),
        (64, None, None, ("region",), (8, 8)),
        (60, None, None, ("region",), (1, 60)),
        (60, None, (10, 6), ("region",), (10, 6)),
        (128, ["ulna", 1], None, ("ulna", "thumb_ip"), (8, 8)),
        (128, "carpus", (8, 16), ("carpus",), (8, 16)),
        (64, 19, np.array([4, 16]), ("carpus",), (4, 16)),
    ],
)
def test_what_the_columns_hold(
    n_features, regions, shape, expected_regions, expected_shape
):
    X = np.random.default_rng(0).integers(0, 256, (2, n_features))
    fitted = RegionPreprocessor(regions=regions, region_shape=shape).fit(X)
    assert fitted.regions_ == expected_regions
    assert fitted.region_shape_ == expected_shape
    assert fitted.transform(X).shape == X.shape


def test_column_names_tell_the_regions():
    named = frame(["ulna", "carpus"], 64)
    fitted = RegionPreprocessor().fit(named)
    assert fitted.regions_ == ("ulna", "carpus")
    assert fitted.region_shape_ == (8, 8)
    assert fitted.get_feature_names_out().tolist() == named.columns.tolist()
    with pytest.raises(ValueError, match="named after ulna, carpus"):
        RegionPreprocessor(regions=["wrist"]).fit(named)
    partly = named.rename(columns={"ulna_y0_x0": "other"})
    assert RegionPreprocessor().fit(partly).regions_ == ("region",)


@pytest.mark.parametrize(
    ("n_features", "parameters", "message"),
    [
        (65, {"regions": ["ulna", "carpus"]}, "65 columns, which do not split into 2"),
        (1030, {}, "1030 columns: neither 19 square crops nor one"),
        (64, {"region_shape": (8, 9)}, "needs 72 columns a region, but X has 64"),
        (64, {"region_shape": (-8, -8)}, "region_shape"),
        (64, {"region_shape": (8,)}, "region_shape"),
        (64, {"region_shape": (8, 8, 1)}, "region_shape"),
        (64, {"regions": ["hip"]}, "unknown region 'hip'"),
        (64, {"regions": []}, "regions is empty"),
        (64, {"blur": 4}, "blur is 4; it must be odd, or None"),
        (64, {"threshold_block": 8}, "threshold_block is 8; it must be odd, or None"),
    ],
    ids=str,
)
def test_wrong_layouts(n_features, parameters, message):
    X = np.random.default_rng(0).integers(0, 256, (2, n_features))
    with pytest.raises(ValueError, match=message):
        RegionPreprocessor(**parameters).fit(X)


def test_kernels_wider_than_the_crop(crops):
    assert processed(crops, blur=99, threshold_block=99).shape == crops.shape
