import pickle
import shutil

import cv2
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joblib import Memory
from known_landmarks import Known, known
from sklearn import config_context
from sklearn.base import clone

from sklearn_baccaec import KeyRegionExtractor, LandmarkTable
from sklearn_baccaec.regions import KEY_REGIONS, REGION_SCALES
from sklearn_baccaec.regions._hand_pose import MEAN_HAND

SMALL = (12, 16)
PIXELS = SMALL[0] * SMALL[1]


def extractor(landmarker, regions=None, crop_shape=SMALL, **parameters):
    return KeyRegionExtractor(
        regions, landmarker=landmarker, crop_shape=crop_shape, **parameters
    )


def correlations(crops, others):
    crops, others = (c.reshape(-1, PIXELS).astype(float) for c in (crops, others))
    return [np.corrcoef(a, b)[0, 1] for a, b in zip(crops, others, strict=True)]


# What the crops show
@settings(max_examples=25, deadline=None)
@given(
    index=st.integers(0, 11),
    angle=st.floats(-180, 180),
    scale=st.floats(0.9, 2),
    mirrored=st.booleans(),
)
def test_turned_mirrored_and_scaled_hands_give_the_same_crops(
    films, landmarker, index, angle, scale, mirrored
):
    film, points = films.data[index], films.landmarks[index]
    side = int(420 * scale)
    matrix = cv2.getRotationMatrix2D((59.5, 79.5), angle, scale)
    matrix[:, 2] += (side - 1) / 2 - np.array([59.5, 79.5])
    turned = cv2.warpAffine(
        film, matrix, (side, side), flags=cv2.INTER_CUBIC, borderMode=1
    )
    points = points @ matrix[:, :2].T + matrix[:, 2]
    if mirrored:
        turned, points = turned[:, ::-1], points * [-1, 1] + [side - 1, 0]
    expected = extractor(landmarker).fit_transform([film])
    crops = extractor(known([points])).fit_transform([turned])
    assert min(correlations(crops, expected)) > 0.9


@settings(max_examples=25, deadline=None)
@given(angle=st.floats(0, 360), right=st.booleans())
def test_fingers_point_up_and_the_thumb_to_the_right(angle, right):
    hand = (-MEAN_HAND.conj() if right else MEAN_HAND) * 100
    turn = np.exp(1j * np.deg2rad(angle))
    y, x = np.mgrid[:400, :400]
    place = (x - 200 + 1j * (y - 200)) / turn
    points = hand * turn + 200 + 200j
    carpus = extractor(known([np.c_[points.real, points.imag]]), "carpus")
    to_thumb = place.real * (-1 if right else 1)
    for film, along in ((place.imag + 400, 1), (to_thumb + 400, 0)):
        crop = carpus.fit_transform([film]).reshape(SMALL).astype(float)
        assert (np.diff(crop.mean(axis=along)) > 0).all()


@pytest.mark.parametrize(
    ("length", "scale", "share"),
    [(60, 0.32, 0.25), (700, 0.32, 0.25), (200, 0.64, 0.375)],
)
def test_width_is_a_share_of_hand_length(length, scale, share):
    points = MEAN_HAND * length + 300 + 600j
    film = np.zeros((800, 700))
    film[:, round(300 + 0.25 * 0.32 * length) :] = 1  # an edge beside the carpus
    crops = extractor(
        known([np.c_[points.real, points.imag]]),
        ["carpus"],
        crop_shape=(65, 64),
        scales={19: scale},
        on_error="skip",
    ).fit_transform([film])
    assert (crops.reshape(65, 64)[32] > 127).mean() == pytest.approx(share, abs=0.03)


def test_half_the_crop_scale_is_half_of_every_scale(films, landmarker):
    halves = {region: scale / 2 for region, scale in REGION_SCALES.items()}
    expected = extractor(landmarker, scales=halves).fit_transform(films.data)
    tight = extractor(landmarker, crop_scale=0.5).fit_transform(films.data)
    np.testing.assert_array_equal(tight, expected)
    whole = extractor(landmarker).fit_transform(films.data)
    assert (tight != whole).mean() > 0.9
    same = extractor(landmarker, crop_scale=1).fit_transform(films.data)
    np.testing.assert_array_equal(same, whole)


@settings(max_examples=25, deadline=None)
@given(
    scales=st.dictionaries(st.sampled_from(KEY_REGIONS), st.floats(0.05, 0.5)),
    crop_scale=st.floats(0.05, 4),
)
def test_crop_scale_multiplies_given_and_default_scales(
    films, landmarker, scales, crop_scale
):
    widths = {
        region: scale * crop_scale for region, scale in (REGION_SCALES | scales).items()
    }
    expected = extractor(landmarker, scales=widths).fit_transform(films.data[:1])
    scaled = extractor(landmarker, scales=scales, crop_scale=crop_scale)
    np.testing.assert_array_equal(scaled.fit_transform(films.data[:1]), expected)


@pytest.mark.parametrize(
    "change",
    [
        lambda film: film.astype(np.uint16) * 257,
        lambda film: film / 255,
        lambda film: np.asfortranarray(film, dtype=np.float32),
        lambda film: np.dstack([film] * 3),
        lambda film: film * 0.25 + 100,
    ],
    ids=["16 bit", "float", "Fortran", "channels", "dim"],
)
def test_bit_depth_and_exposure_leave_no_trace(films, change):
    expected = extractor(known(films.landmarks[:1])).fit_transform(films.data[:1])
    crops = extractor(known(films.landmarks[:1])).fit_transform([change(films.data[0])])
    assert np.abs(crops.astype(int) - expected).max() <= 1
    assert expected.reshape(19, -1).min(axis=1).max() == 0
    assert expected.reshape(19, -1).max(axis=1).min() == 255


def test_files_and_arrays_give_the_same_crops(films, landmarker, film_folder):
    listed = extractor(LandmarkTable(film_folder / "landmarks.csv"))
    paths = pd.Series(sorted(film_folder.glob("*.png")))
    expected = extractor(landmarker).fit_transform(films.data).astype(int)
    assert np.abs(listed.fit_transform(paths) - expected).max() <= 1


def test_films_are_left_as_they_were(films):
    film = films.data[0].astype(np.float32)
    points = np.dstack([films.landmarks[:1], np.ones((1, 19))])
    points[0, 3] = -99, np.nan, np.nan
    before, landmarks = film.copy(), points.copy()
    extractor(Known(points), on_error="skip").fit_transform([film])
    np.testing.assert_array_equal(film, before)
    np.testing.assert_array_equal(points, landmarks)


# Layout
@settings(max_examples=15, deadline=None)
@given(
    columns=st.lists(st.integers(0, 18), min_size=1, unique=True),
    order=st.permutations(range(4)),
)
def test_regions_and_films_in_the_order_asked_for(films, landmarker, columns, order):
    every = extractor(landmarker).fit_transform(films.data[:4]).reshape(4, 19, -1)
    some = extractor(landmarker, [KEY_REGIONS[column] for column in columns])
    crops = some.fit_transform(films.data[:4][order])
    np.testing.assert_array_equal(crops, every[order][:, columns].reshape(4, -1))
    assert some.regions_ == tuple(KEY_REGIONS[column] for column in columns)


def test_names_of_the_columns(films, landmarker):
    by_number = extractor(landmarker, [19, "ulna"])
    crops = by_number.fit_transform(films.data[:2])
    names = by_number.get_feature_names_out()
    assert crops.shape == (2, 2 * PIXELS) == (2, len(names))
    assert crops.dtype == np.uint8
    assert names[[0, 1, 16, PIXELS, -1]].tolist() == [
        "carpus_y0_x0",
        "carpus_y0_x1",
        "carpus_y1_x0",
        "ulna_y0_x0",
        "ulna_y11_x15",
    ]
    frame = by_number.set_output(transform="pandas").fit_transform(films.data[:2])
    assert isinstance(frame, pd.DataFrame)
    assert frame.columns.tolist() == names.tolist()
    np.testing.assert_array_equal(frame, crops)


def test_fit_transform_extract_and_threads_agree(films, landmarker):
    fitted = extractor(landmarker, ["radius", 2])
    crops = fitted.fit_transform(films.data)
    np.testing.assert_array_equal(fitted.transform(films.data), crops)
    np.testing.assert_array_equal(fitted.extract(films.data).crops, crops)
    both = extractor(landmarker, ["radius", 2], n_jobs=2)
    np.testing.assert_array_equal(both.fit_transform(films.data), crops)


def test_clone_pickle_and_parameters(films, landmarker):
    given = {"scales": {"carpus": 0.3}, "crop_scale": 0.5}
    fitted = extractor(landmarker, ["carpus"], **given).fit(films.data)
    assert clone(fitted).get_params()["crop_scale"] == 0.5
    copy = pickle.loads(pickle.dumps(fitted))
    np.testing.assert_array_equal(
        copy.transform(films.data), clone(fitted).fit_transform(films.data)
    )
    assert copy.valid_.all()
    assert not hasattr(clone(fitted), "valid_")
    assert "landmarker__table" in fitted.get_params()


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"landmarker": "landmarks.csv"}, "landmarker"),
        ({"min_confidence": 1.5}, "min_confidence"),
        ({"regions": ["hip"]}, "unknown region 'hip'"),
        ({"regions": []}, "regions is empty"),
        ({"on_error": "ignore"}, "'on_error' parameter of KeyRegionExtractor"),
        ({"memory": 3}, "memory"),
        *(
            ({"crop_shape": shape}, "crop_shape")
            for shape in (64, None, (0, 5), (-8, 8), (8,), (8, 8, 1), "64", (8.5, 8))
        ),
        *(
            ({"scales": {"carpus": scale}}, "the scale of 'carpus' is .*hand length")
            for scale in (0, -0.1, 2.5, np.nan, "wide", None)
        ),
        ({"scales": {"hip": 0.3}}, "unknown region 'hip'"),
        *(
            ({"crop_scale": scale}, "'crop_scale' parameter of KeyRegionExtractor")
            for scale in (0, -0.5, np.nan, np.inf, 4.01, "a", [0.5], 1j)
        ),
        (
            {"scales": {"ulna": 1.5}, "crop_scale": 2},
            "crop_scale is 2, which makes crops of 'ulna' 3 hand lengths wide",
        ),
    ],
    ids=str,
)
def test_wrong_parameters(films, landmarker, reads, parameters, message):
    wrong = extractor(landmarker).set_params(**parameters)
    with pytest.raises(ValueError, match=message):
        wrong.fit(films.data)
    assert not reads


@pytest.mark.parametrize("crop_scale", [0, np.nan, 5, "a"])
def test_crop_scale_is_checked_even_without_scikit_learns_checks(
    films, landmarker, crop_scale
):
    wrong = extractor(landmarker, crop_scale=crop_scale)
    with (
        config_context(skip_parameter_validation=True),
        pytest.raises(ValueError, match=r"crop_scale is .*; expected a number in"),
    ):
        wrong.fit(films.data)


def test_memory_may_be_a_path_a_text_or_joblibs(film_folder, tmp_path, reads):
    paths = sorted(film_folder.glob("*.png"))[:2]
    table = LandmarkTable(film_folder / "landmarks.csv")
    for memory in (tmp_path, str(tmp_path), Memory(str(tmp_path), verbose=0)):
        extractor(table, memory=memory).fit(paths)
    assert sorted(reads) == [0, 1]


def test_memory_reads_only_films_that_are_new(
    films, landmarker, film_folder, tmp_path, reads
):
    paths = [tmp_path / f"a{i:02}.png" for i in range(3)]
    for path in paths:
        shutil.copy(film_folder / path.name, path)
    table = LandmarkTable(film_folder / "landmarks.csv")
    cached = extractor(table, ["carpus"], memory=tmp_path / "cache")
    first = cached.fit_transform(paths)
    assert reads == [0, 1, 2]
    np.testing.assert_array_equal(cached.fit_transform(paths), first)
    other = clone(cached).set_params(regions=["wrist", "carpus"])
    both = other.fit_transform(paths[::-1])
    np.testing.assert_array_equal(both[::-1, PIXELS:], first)
    assert reads == [0, 1, 2]

    assert cv2.imwrite(str(paths[1]), films.data[1][:, ::-1])
    changed = cached.fit_transform(paths)
    assert reads == [0, 1, 2, 1]
    assert (changed != first).any(axis=1).tolist() == [False, True, False]
    cached.set_params(crop_shape=(8, 8)).fit(paths[:1])
    cached.set_params(scales={"carpus": 0.5}).fit(paths[:1])
    assert reads[4:] == [0, 0]


def test_memory_tells_crop_scales_apart(film_folder, tmp_path, reads):
    films = [film_folder / "a00.png"]
    cached = extractor(LandmarkTable(film_folder / "landmarks.csv"), memory=tmp_path)
    whole = cached.fit_transform(films)
    tight = cached.set_params(crop_scale=0.5).fit_transform(films)
    assert reads == [0, 0]
    assert (tight != whole).any()
    np.testing.assert_array_equal(cached.fit_transform(films), tight)
    for same in (None, 1.0):
        again = cached.set_params(crop_scale=same).fit_transform(films)
        np.testing.assert_array_equal(again, whole)
    assert reads == [0, 0]


def test_memory_forgets_the_crops_of_other_versions(
    film_folder, tmp_path, reads, monkeypatch
):
    table, film = LandmarkTable(film_folder / "landmarks.csv"), film_folder / "a00.png"
    cached = extractor(table, memory=tmp_path).fit([film])
    module = "sklearn_baccaec.regions._crops.code_version"
    monkeypatch.setattr(module, lambda called: "of other code")
    cached.fit([film])
    assert reads == [0, 0]
