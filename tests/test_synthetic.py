import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.ensemble import RandomForestRegressor
from sklearn.metrics import r2_score
from sklearn.model_selection import KFold, cross_val_predict
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from sklearn_baccaec._utils.regions import KEY_REGIONS
from sklearn_baccaec.datasets import make_hand_radiographs
from sklearn_baccaec.datasets._drawn_hand._anatomy import build_bones
from sklearn_baccaec.datasets._drawn_hand._build import draw_build
from sklearn_baccaec.datasets._drawn_hand._ossification import draw_maturity
from sklearn_baccaec.datasets._drawn_hand._pose import MEAN_JOINTS, draw_joints

SMALL = (128, 96)
BONY = (160, 120)


def hand_length(points):
    """Hand length as the preprocessing defines it, from the 19 landmarks."""
    dip, pip, mcp, radius, ulna = points[[5, 6, 7, 16, 17]]
    steps = [dip - pip, pip - mcp, mcp - (radius + ulna) / 2]
    return 1.125 * sum(np.linalg.norm(step) for step in steps)


def region(points, name):
    return points[KEY_REGIONS.index(name)]


@pytest.fixture(scope="module")
def many():
    return make_hand_radiographs(320, film_shape=BONY, random_state=7)


# Shapes and seeds
def test_bunch_holds_films_and_truth():
    films = make_hand_radiographs(5, random_state=0)
    assert films.data.shape == (5, 400, 300)
    assert films.data.dtype == np.uint8
    assert films.target.shape == films.sex.shape == films.side.shape == (5,)
    assert films.target.dtype == np.float64
    assert films.landmarks.shape == (5, 19, 2)
    assert {*films.sex, *films.side} <= {"F", "M", "L", "R"}
    assert isinstance(films.DESCR, str)


def test_films_use_the_grey_scale_without_burning_out(many):
    assert (many.data.std(axis=(1, 2)) > 3).all()
    assert ((many.data == 255).mean(axis=(1, 2)) < 0.05).all()


def test_a_film_depends_on_seed_and_position_alone():
    few = make_hand_radiographs(2, film_shape=SMALL, random_state=5)
    more = make_hand_radiographs(4, film_shape=SMALL, random_state=5)
    for name in ("data", "target", "sex", "side", "landmarks"):
        np.testing.assert_array_equal(few[name], more[name][:2])
    other = make_hand_radiographs(2, film_shape=SMALL, random_state=4)
    assert (few.data != other.data).any(axis=(1, 2)).all()
    assert len(np.unique(more.data.reshape(4, -1), axis=0)) == 4


def test_random_state_instance_is_used_and_advanced():
    state = np.random.RandomState(1)
    first = make_hand_radiographs(1, film_shape=SMALL, random_state=state)
    second = make_hand_radiographs(1, film_shape=SMALL, random_state=state)
    again = make_hand_radiographs(
        1, film_shape=SMALL, random_state=np.random.RandomState(1)
    )
    np.testing.assert_array_equal(first.data, again.data)
    assert (first.data != second.data).any()


def test_global_random_state_is_untouched():
    np.random.seed(0)  # noqa: NPY002
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    make_hand_radiographs(2, film_shape=SMALL, random_state=0)
    np.testing.assert_array_equal(before, np.random.get_state()[1])  # noqa: NPY002


# What the user fixes
def test_ages_and_sex_are_taken_as_given():
    films = make_hand_radiographs(
        3, film_shape=SMALL, ages=[0, 100.5, 228], sex=["F", "M", "F"], random_state=0
    )
    assert films.target.tolist() == [0, 100.5, 228]
    assert films.sex.tolist() == ["F", "M", "F"]
    films = make_hand_radiographs(2, film_shape=SMALL, ages=50, sex="M", random_state=0)
    assert films.target.tolist() == [50, 50]
    assert films.sex.tolist() == ["M", "M"]


def test_ages_and_shares_follow_their_ranges(many):
    assert many.target.min() >= 24
    assert many.target.max() <= 216
    assert 100 < many.target.mean() < 140
    assert 0.4 < (many.sex == "F").mean() < 0.6
    assert 0.05 < (many.side == "R").mean() < 0.17
    for share, side in ((0, "L"), (1, "R")):
        films = make_hand_radiographs(
            4, film_shape=SMALL, right_hand_share=share, random_state=0
        )
        assert set(films.side) == {side}


def test_one_hand_grows_up_when_only_the_age_differs():
    young, old = (
        make_hand_radiographs(3, film_shape=SMALL, ages=age, sex="M", random_state=2)
        for age in (36, 200)
    )
    np.testing.assert_array_equal(young.landmarks, old.landmarks)
    np.testing.assert_array_equal(young.side, old.side)
    assert (young.data != old.data).any(axis=(1, 2)).all()


def test_marker_border_noise_pose_and_exposure_can_be_switched_off():
    shares = dict.fromkeys(("right_hand_share", "border_share", "marker_share"), 0)
    options = {
        "film_shape": SMALL,
        "ages": 120,
        "sex": "F",
        "random_state": 1,
        **shares,
    }
    still = {"pose": 0, "exposure": 0, "noise": 0}
    films = make_hand_radiographs(3, **options, **still)
    corners = films.data[:, :8, :8].reshape(3, -1)
    assert np.ptp(corners) <= 1
    np.testing.assert_allclose(films.landmarks[0], films.landmarks[2])
    for name in still:
        varied = make_hand_radiographs(3, **options, **{**still, name: 1})
        assert (varied.data != films.data).any(axis=(1, 2)).all(), name
    for name in ("border_share", "marker_share"):
        shown = make_hand_radiographs(3, **{**options, **still, name: 1})
        assert (shown.data != films.data).any(axis=(1, 2)).all(), name


BAD = {
    "n_samples": (0, 2.5, True),
    "film_shape": ((400,), (400, 20), (400.5, 300)),
    "age_range": ((100, 50), (-1, 50), (0, 300), (np.nan, 50)),
    "ages": ([1, 2, 3], 500, np.nan),
    "sex": ("X", ["F"]),
    "right_hand_share": (1.5,),
    "border_share": (-0.1,),
    "marker_share": ("all",),
    "pose": (-1,),
    "exposure": (4,),
    "noise": (np.nan,),
}


@pytest.mark.parametrize(
    ("name", "value"), [(name, value) for name in BAD for value in BAD[name]]
)
def test_bad_parameters_are_named(name, value):
    options = {"n_samples": 2, "film_shape": SMALL, "random_state": 0, name: value}
    with pytest.raises(ValueError, match=name):
        make_hand_radiographs(**options)


# Anatomy
@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 2**31 - 1),
    age=st.floats(0, 228),
    sex=st.sampled_from("FM"),
    right=st.booleans(),
    shape=st.sampled_from([(128, 96), (200, 150), (150, 150), (120, 160), (211, 97)]),
)
def test_landmarks_lie_on_the_film_in_anatomical_order(seed, age, sex, right, shape):
    child = {"ages": age, "sex": sex, "right_hand_share": float(right)}
    films = make_hand_radiographs(1, film_shape=shape, random_state=seed, **child)
    points = films.landmarks[0]
    assert films.data.shape == (1, *shape)
    assert films.side[0] == ("R" if right else "L")
    assert (points >= 0).all()
    assert (points <= np.array(shape[::-1]) - 1).all()

    carpus = region(points, "carpus")
    for finger in ("index", "middle", "ring", "little"):
        away = [
            np.linalg.norm(region(points, f"{finger}_{joint}") - carpus)
            for joint in ("mcp", "pip", "dip")
        ]
        assert 0 < away[0] < away[1] < away[2]
    axis = region(points, "middle_mcp") - carpus
    across = np.array([-axis[1], axis[0]]) * (-1 if right else 1)
    order = ["thumb_mcp", *(f"{f}_mcp" for f in ("index", "middle", "ring", "little"))]
    places = [(region(points, name) - carpus) @ across for name in order]
    assert (np.diff(places) < 0).all()
    assert (region(points, "radius") - region(points, "ulna")) @ across > 0
    assert (region(points, "radius") - carpus) @ axis < 0
    assert region(points, "middle_dip")[1] < carpus[1] < region(points, "radius")[1]


def test_mean_configuration_is_the_measured_one(many):
    template = np.array([MEAN_JOINTS[name] for name in KEY_REGIONS])
    hands = np.empty((len(many.landmarks), 19), dtype=complex)
    for hand, points, side in zip(hands, many.landmarks, many.side, strict=True):
        shape = (points - points[18]) / hand_length(points)
        hand[:] = shape[:, 0] * (1 if side == "L" else -1) + 1j * shape[:, 1]
        turn = np.vdot(hand, template)
        hand *= turn / abs(turn)
    assert np.abs(hands.mean(axis=0) - template).max() < 0.03
    # Hands differ, most at the thumb, little at the knuckle of the middle finger.
    spread = hands.std(axis=0)
    assert spread[KEY_REGIONS.index("thumb_ip")] > 2 * spread[7] > 0


def test_right_hands_mirror_left_hands():
    left, right = (
        make_hand_radiographs(
            1, film_shape=SMALL, pose=0, right_hand_share=share, random_state=0
        ).landmarks[0]
        for share in (0, 1)
    )
    assert region(left, "thumb_ip")[0] > region(left, "little_mcp")[0]
    assert region(right, "thumb_ip")[0] < region(right, "little_mcp")[0]
    np.testing.assert_allclose(left[:, 1], right[:, 1])
    np.testing.assert_allclose(left[:, 0] + right[:, 0], SMALL[1], atol=1e-9)


def test_geometry_scales_with_the_film():
    small, large = (
        make_hand_radiographs(2, film_shape=shape, noise=0, random_state=9)
        for shape in ((200, 150), (800, 600))
    )
    np.testing.assert_allclose(small.landmarks * 4, large.landmarks)
    coarse = large.data.reshape(2, 200, 4, 150, 4).mean(axis=(2, 4))
    for film, other in zip(small.data, coarse, strict=True):
        assert np.corrcoef(film.ravel(), other.ravel())[0, 1] > 0.97


# Bones
@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**31 - 1), age=st.floats(0, 228), sex=st.sampled_from("FM"))
def test_bones_are_closed_outlines_inside_the_hand(seed, age, sex):
    rng = np.random.default_rng(seed)
    joints = draw_joints(rng, 1.0)
    for bone in build_bones(joints, draw_maturity(age, sex, rng), draw_build(rng)):
        assert all(np.isfinite(outline).all() for outline in bone.outlines)
        assert 0 < bone.weight <= 1
        assert bone.depth > 0
        assert all(abs(outline.imag).max() < 2 for outline in bone.outlines)


def test_bones_of_one_age_differ_from_film_to_film():
    still = {"pose": 0, "exposure": 0, "noise": 0, "border_share": 0, "marker_share": 0}
    films = make_hand_radiographs(
        4, ages=120, sex="M", right_hand_share=0, random_state=0, **still
    )
    np.testing.assert_allclose(films.landmarks, films.landmarks[:1].repeat(4, axis=0))
    data = films.data.astype(np.float32)
    detail = np.stack([film - cv2.GaussianBlur(film, (0, 0), 3) for film in data])
    alike = np.corrcoef(detail[:, 60:340, 60:240].reshape(4, -1))
    # Other trabeculae in bones of the same shape leave 0.98.
    assert alike[~np.eye(4, dtype=bool)].max() < 0.92


# Bones are seen, but nothing else tells the age
def brightness(films, name, reach):
    """Brightness about a landmark relative to the soft tissue of the thenar."""
    height, width = films.data.shape[1:]
    y, x = np.mgrid[:height, :width]
    ratio = np.empty(len(films.data))
    thenar = [KEY_REGIONS.index(n) for n in ("thumb_cmc", "thumb_mcp", "index_mcp")]
    for i, (film, points) in enumerate(zip(films.data, films.landmarks, strict=True)):
        means = []
        places = (region(points, name), reach), (points[thenar].mean(0), 0.03)
        for centre, part in places:
            near = np.hypot(x - centre[0], y - centre[1]) < part * hand_length(points)
            means.append(film[near].mean() - np.percentile(film, 20))
        ratio[i] = means[0] / means[1]
    return ratio


def test_carpus_fills_with_bone():
    ages = np.repeat([12, 40, 80, 120, 160], 8)
    films = make_hand_radiographs(
        40, film_shape=SMALL, ages=ages, sex="F", marker_share=0, random_state=0
    )
    contrast = brightness(films, "carpus", 0.1).reshape(5, 8).mean(axis=1)
    assert (np.diff(contrast) > 0).all()
    assert contrast[-1] > contrast[0] + 0.1


def test_a_girl_shows_more_bone_than_a_boy_of_the_same_age():
    options = {"film_shape": SMALL, "ages": 60, "marker_share": 0, "random_state": 0}
    films = (make_hand_radiographs(12, sex=sex, **options) for sex in "FM")
    girls, boys = (brightness(film, "carpus", 0.1) for film in films)
    assert (girls > boys).mean() > 0.8


def variance_explained(features, target):
    """Best cross-validated R^2 of two regressors; not above 0 if they find nothing."""
    folds = KFold(5, shuffle=True, random_state=0)
    forest = RandomForestRegressor(
        100, min_samples_leaf=5, max_features=0.3, random_state=0
    )
    neighbours = make_pipeline(StandardScaler(), KNeighborsRegressor(20))
    return max(
        r2_score(target, cross_val_predict(model, features, target, cv=folds))
        for model in (forest, neighbours)
    )


def exposure_features(films):
    grey = films.data.reshape(len(films.data), -1).astype(float)
    return np.c_[grey.mean(axis=1), grey.std(axis=1), np.median(grey, axis=1)]


def size_features(films):
    extent = np.ptp(films.landmarks, axis=1)
    return np.c_[[hand_length(points) for points in films.landmarks], extent]


def border_features(films):
    data = films.data.astype(float)
    edges = [data[:, 0], data[:, -1], data[:, :, 0], data[:, :, -1]]
    return np.concatenate(edges, axis=1)


@pytest.mark.parametrize(
    "features", [exposure_features, size_features, border_features]
)
def test_exposure_size_and_border_do_not_tell_the_age(many, features):
    assert variance_explained(features(many), many.target) < 0.1


def test_the_same_regressor_sees_the_age_in_the_bones(many):
    names = ("carpus", "radius", "middle_mcp", "middle_pip", "thumb_cmc", "ulna")
    features = np.stack([brightness(many, name, 0.06) for name in names], axis=1)
    assert variance_explained(features, many.target) > 0.3
