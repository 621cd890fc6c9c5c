import math
import pickle

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import spearmanr
from sklearn.decomposition import PCA
from sklearn.exceptions import ConvergenceWarning
from sklearn.pipeline import make_pipeline

from sklearn_baccaec import ContrastiveRegionEncoder, RegionConsensus, RegionSelector
from sklearn_baccaec.nn._contrastive_network import contrastive_loss
from sklearn_baccaec.nn._random_views import plain_views, random_views

REGIONS = ("carpus", "radius", "ulna")
SIDE = 24
TINY = {"view_size": 8, "channels": (2, 2), "n_components": 4, "max_steps": 2}


def draw_hands(n_films, seed):
    """Discs whose size all regions of a film share; place and brightness are chance."""
    rng = np.random.default_rng(seed)
    size = rng.uniform(3, 9, n_films)
    y, x = np.mgrid[:SIDE, :SIDE]
    crops = np.empty((n_films, len(REGIONS), SIDE, SIDE))
    for film, region in np.ndindex(n_films, len(REGIONS)):
        centre = SIDE / 2 + rng.uniform(-2, 2, 2)
        inside = np.hypot(y - centre[0], x - centre[1]) < size[film] * (1 + region / 9)
        crops[film, region] = rng.uniform(20, 60) + rng.uniform(80, 180) * inside
    noisy = crops + rng.normal(0, 4, crops.shape)
    return np.clip(noisy, 1, 255).astype(np.uint8).reshape(n_films, -1), size


def make_encoder(**params):
    return ContrastiveRegionEncoder(
        **{
            "n_components": 8,
            "regions": REGIONS,
            "view_size": 16,
            "channels": (8, 16),
            "max_steps": 60,
            "batch_size": 40,
            "pose_jitter": 0.5,
            "random_state": 0,
            **params,
        }
    )


@pytest.fixture(scope="module")
def hands():
    return draw_hands(120, 0)


@pytest.fixture(scope="module")
def encoder(hands):
    return make_encoder().fit(hands[0])


def axis_of(encoder, crops, others):
    consensus = RegionConsensus(regions=encoder.regions_)
    consensus.fit(encoder.transform(crops))
    return consensus.transform(encoder.transform(others))[:, 0]


def test_what_regions_share_is_found_on_films_not_seen(encoder, hands):
    crops, size = draw_hands(80, 1)
    assert abs(spearmanr(axis_of(encoder, hands[0], crops), size)[0]) > 0.9
    assert encoder.score(crops) > 0.3


def test_it_is_agreement_and_no_memory(encoder, hands):
    rng = np.random.default_rng(0)
    shuffled = hands[0].reshape(120, 3, -1).copy()
    for region in range(3):
        shuffled[:, region] = shuffled[rng.permutation(120), region]
    shuffled = shuffled.reshape(120, -1)
    assert encoder.score(shuffled) < 0.05
    fooled = make_encoder().fit(shuffled)
    crops, _ = draw_hands(80, 1)
    assert fooled.score(crops) < 0.25 * encoder.score(crops)


def test_films_exposed_otherwise_keep_their_place(encoder, hands):
    crops, _ = draw_hands(80, 1)
    exposed = (255 * (crops / 255.0) ** 1.5 * 0.4 + 20).astype(np.uint8)
    places = axis_of(encoder, hands[0], crops)
    assert spearmanr(places, axis_of(encoder, hands[0], exposed))[0] > 0.95


def test_embeddings_are_unit_vectors_in_blocks(encoder, hands):
    embeddings = encoder.transform(hands[0])
    assert embeddings.shape == (120, 3 * 8)
    assert embeddings.dtype == np.float32
    lengths = np.linalg.norm(embeddings.reshape(120, 3, 8), axis=2)
    np.testing.assert_allclose(lengths, 1, rtol=1e-5)
    names = encoder.get_feature_names_out()
    assert names[0] == "carpus_contrast0"
    assert names[-1] == "ulna_contrast7"


def test_selector_and_consensus_understand_the_columns(encoder, hands):
    chosen = ["carpus", "ulna"]
    embeddings = encoder.transform(hands[0])
    rest = make_pipeline(
        RegionSelector(chosen, all_regions=encoder.regions_),
        RegionConsensus(2, regions=chosen),
    )
    places = rest.fit_transform(embeddings)
    assert places.shape == (120, 2)
    named = make_pipeline(RegionSelector(chosen), RegionConsensus(2))
    named.set_output(transform="pandas")
    frame = pd.DataFrame(embeddings, columns=encoder.get_feature_names_out())
    np.testing.assert_allclose(named.fit_transform(frame), places)
    assert named[-1].regions_ == ("carpus", "ulna")
    with pytest.warns(UserWarning, match="nothing names the 16 columns"):
        RegionConsensus().fit(embeddings[:, :16])


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_train_regions_stand_in_the_order_of_the_columns(hands):
    chosen = make_encoder(train_regions=["ulna", 19], max_steps=4).fit(hands[0])
    assert chosen.regions_ == ("carpus", "ulna")
    alone = make_encoder(regions=["carpus", "ulna"], max_steps=4)
    without = np.delete(hands[0].reshape(120, 3, -1), 1, axis=1).reshape(120, -1)
    np.testing.assert_array_equal(
        chosen.transform(hands[0]), alone.fit(without).transform(without)
    )


def test_absent_regions_train_nothing_and_are_nan(hands):
    crops = hands[0].reshape(120, 3, -1).copy()
    crops[:10, 1] = 0
    crops[3, :] = 0
    crops = crops.reshape(120, -1)
    encoder = make_encoder(max_steps=20).fit(crops)
    assert np.isfinite(encoder.loss_curve_).all()
    missing = np.isnan(encoder.transform(crops).reshape(120, 3, 8)).all(axis=2)
    expected = np.zeros((120, 3), bool)
    expected[:10, 1] = expected[3] = True
    np.testing.assert_array_equal(missing, expected)
    assert math.isfinite(encoder.score(crops))


def test_nothing_learned_is_said(hands):
    with pytest.warns(ConvergenceWarning, match="not learned to recognise"):
        make_encoder(max_steps=1).fit(hands[0])


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_results_are_those_of_the_seed_and_the_pixels(hands):
    crops, first = hands[0], make_encoder(max_steps=3).fit(hands[0])
    for same in (crops.astype(np.float64), np.asfortranarray(crops), crops / 255):
        again = make_encoder(max_steps=3).fit(same, np.arange(len(same)))
        np.testing.assert_allclose(
            again.transform(same), first.transform(crops), atol=1e-4
        )
    other = make_encoder(max_steps=3, random_state=1).fit(crops)
    assert not np.allclose(other.transform(crops), first.transform(crops), atol=0.1)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_nothing_is_trained_twice(hands, tmp_path):
    def trainings():
        return len(list(tmp_path.rglob("_train/*/output.pkl")))

    make_encoder(max_steps=2, memory=tmp_path).fit(hands[0])
    make_encoder(max_steps=2, memory=str(tmp_path), verbose=1).fit(
        hands[0].astype(float), np.ones(120)
    )
    assert trainings() == 1
    for _ in range(2):
        make_pipeline(make_encoder(max_steps=2, memory=tmp_path), PCA(2)).fit(hands[0])
    assert trainings() == 1
    make_encoder(max_steps=3, memory=tmp_path).fit(hands[0])
    make_encoder(max_steps=2, memory=tmp_path).fit(hands[0][:-1])
    assert trainings() == 3


def test_copies_encode_the_same(encoder, hands):
    copy = pickle.loads(pickle.dumps(encoder))
    np.testing.assert_array_equal(
        copy.transform(hands[0][:7]), encoder.transform(hands[0])[:7]
    )


def test_interrupt_leaves_no_trace(hands, monkeypatch):
    def interrupt(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(
        "sklearn_baccaec.nn._contrastive_training.random_views", interrupt
    )
    model = make_encoder()
    with pytest.raises(KeyboardInterrupt):
        model.fit(hands[0])
    assert not hasattr(model, "weights_")


@pytest.mark.parametrize(
    ("params", "columns", "message"),
    [
        ({"regions": ["carpus"]}, slice(SIDE**2), "one region only"),
        ({"train_regions": ["carpus"]}, slice(None), "one region only"),
        ({"train_regions": ["wrist"]}, slice(None), "train_regions names wrist"),
        ({"regions": None}, slice(None), "regions="),
        ({"region_shape": (5, 5)}, slice(None), "region_shape"),
        ({"batch_size": 1}, slice(None), "batch_size"),
        ({"channels": (8, 0)}, slice(None), "channels"),
        ({"device": "nowhere"}, slice(None), "nowhere"),
    ],
)
def test_bad_parameters(hands, params, columns, message):
    with pytest.raises((ValueError, RuntimeError), match=message):
        make_encoder(max_steps=1, **params).fit(hands[0][:, columns])


def test_constant_regions_are_named(hands):
    crops = hands[0].reshape(120, 3, -1).copy()
    crops[:, 1] = 7
    with pytest.raises(ValueError, match="radius is the same in all 120 films"):
        make_encoder().fit(crops.reshape(120, -1))


def test_one_film_is_too_few(hands):
    with pytest.raises(ValueError, match="minimum of 2"):
        make_encoder().fit(hands[0][:1])


class TestLoss:
    def test_chance_and_certainty(self):
        same = torch.eye(5).repeat(3, 1, 1)
        present = torch.ones(3, 5, dtype=torch.bool)
        assert contrastive_loss(same, present, 0.01) < 1e-6
        alike = torch.ones(3, 5, 1)
        assert contrastive_loss(alike, present, 0.2) == pytest.approx(math.log(5))

    @given(st.integers(2, 4), st.integers(2, 6), st.integers(0, 1000))
    @settings(max_examples=30, deadline=None)
    def test_equals_the_sum_over_pairs(self, n_regions, n_films, seed):
        generator = torch.Generator().manual_seed(seed)
        vectors = torch.randn(n_regions, n_films, 3, generator=generator)
        vectors = torch.nn.functional.normalize(vectors, dim=2)
        present = torch.rand(n_regions, n_films, generator=generator) < 0.7
        losses = []
        for a, b in np.ndindex(n_regions, n_regions):
            both = (present[a] & present[b]).nonzero()[:, 0] if a != b else []
            for film in both:
                cosines = vectors[a, film] @ vectors[b, present[b]].T / 0.3
                own = vectors[a, film] @ vectors[b, film] / 0.3
                losses.append(float(torch.logsumexp(cosines, 0) - own))
        expected = np.mean(losses) if losses else 0.0
        assert contrastive_loss(vectors, present, 0.3) == pytest.approx(
            expected, abs=1e-4
        )


class TestViews:
    @pytest.fixture
    def crops(self):
        return torch.from_numpy(draw_hands(6, 2)[0].reshape(18, 1, SIDE, SIDE) / 255)

    @given(
        gain=st.floats(0.2, 1), offset=st.floats(0, 0.1), side=st.sampled_from([8, 24])
    )
    @settings(max_examples=20, deadline=None)
    def test_linear_exposure_hardly_shows(self, gain, offset, side):
        crops = torch.from_numpy(draw_hands(6, 2)[0].reshape(18, 1, SIDE, SIDE) / 255)
        seen = plain_views(crops.float(), side).flatten()
        exposed = plain_views((gain * crops + offset).float(), side).flatten()
        assert torch.corrcoef(torch.stack([seen, exposed]))[0, 1] > 0.98

    def test_still_views_are_the_plain_ones(self, crops):
        generator = torch.Generator().manual_seed(0)
        still = random_views(crops.float(), 16, pose=0, exposure=0, generator=generator)
        torch.testing.assert_close(still, plain_views(crops.float(), 16))

    @pytest.mark.parametrize("strengths", [(1, 0), (0, 1)])
    def test_every_view_is_another(self, crops, strengths):
        pose, exposure = strengths
        generator = torch.Generator().manual_seed(0)
        many = crops[:1].float().expand(8, -1, -1, -1)
        views = random_views(
            many, 16, pose=pose, exposure=exposure, generator=generator
        )
        distances = torch.cdist(views.flatten(1), views.flatten(1))
        assert distances[~torch.eye(8, dtype=torch.bool)].min() > 0.5
        assert views.isfinite().all()
