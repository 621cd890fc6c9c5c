import numpy as np
import pytest

from sklearn_baccaec._utils.validation import SEXES
from sklearn_baccaec.datasets._drawn_hand._ossification import (
    APPEARANCE,
    CARPALS,
    FUSION,
    GROUP_SPREAD,
    Maturity,
    draw_maturity,
)


def exact(age, sex):
    return Maturity(age, sex, dict.fromkeys(APPEARANCE, 0.0))


def test_girls_mature_before_boys():
    for girls, boys in [*APPEARANCE.values(), *FUSION.values()]:
        assert girls < boys
    for age in (30, 60, 96, 132, 168, 186):
        girl, boy = exact(age, "F"), exact(age, "M")
        assert all(girl.diameter(name) >= boy.diameter(name) for name in CARPALS)
        centres = set(APPEARANCE) - set(CARPALS) - {"sesamoid"}
        assert all(girl.epiphysis(name) >= boy.epiphysis(name) for name in centres)
        assert all(girl.fused(name) >= boy.fused(name) for name in centres)


@pytest.mark.parametrize("sex", ["F", "M"])
def test_centres_grow_monotonically_and_fuse_last_at_the_radius(sex):
    ages = np.arange(0, 229, 3)
    hands = [exact(age, sex) for age in ages]
    for name in CARPALS:
        sizes = [hand.diameter(name) for hand in hands]
        assert (np.diff(sizes) >= 0).all()
        assert sizes[0] == 0
        assert sizes[-1] == pytest.approx(1)
    for name in set(APPEARANCE) - set(CARPALS) - {"sesamoid"}:
        widths = [hand.epiphysis(name) for hand in hands]
        fused = [hand.fused(name) for hand in hands]
        assert (np.diff(widths) >= 0).all()
        assert widths[-1] == pytest.approx(1.08)
        assert (np.diff(fused) >= 0).all()
        assert fused[0] == 0
    months = {part: fused[SEXES.index(sex)] for part, fused in FUSION.items()}
    assert max(months, key=months.get) == "radius"
    assert min(months, key=months.get) == "distal"


@pytest.mark.parametrize(
    ("age", "sex", "count"),
    [
        *((1, "M", 0), (36, "M", 3), (60, "M", 4), (96, "M", 7), (140, "M", 8)),
        *((36, "F", 4), (60, "F", 7), (115, "F", 8)),
    ],
)
def test_number_of_carpal_centres(age, sex, count):
    hand = exact(age, sex)
    assert sum(hand.diameter(name) > 0 for name in CARPALS) == count


def test_carpals_appear_in_the_known_order():
    order = ["capitate", "hamate", "triquetral", "lunate", "scaphoid", "trapezoid"]
    for sex in (0, 1):
        months = [APPEARANCE[name][sex] for name in [*order, "pisiform"]]
        assert months == sorted(months)


def test_epiphyses_become_as_wide_as_the_shaft_then_cap_it():
    for sex, full, cap in (("M", 114, 162), ("F", 93, 138)):
        assert exact(20, sex).epiphysis("middle_proximal") < 0.75
        assert exact(full, sex).epiphysis("middle_proximal") == pytest.approx(1.0)
        assert exact(cap, sex).epiphysis("middle_proximal") > 1.05
        assert exact(full - 20, sex).epiphysis("ulna") < 0.9


def test_individual_variation_is_small_and_seeded():
    hands = [draw_maturity(96, "M", np.random.default_rng(seed)) for seed in range(200)]
    sizes = np.array([hand.diameter("lunate") for hand in hands])
    assert 0.005 < sizes.std() < 0.05
    assert hands[3] == draw_maturity(96, "M", np.random.default_rng(3))


def test_groups_of_bones_are_a_few_months_out_of_step():
    hands = [
        draw_maturity(120, "F", np.random.default_rng(seed)) for seed in range(600)
    ]
    steps = np.array([[h.of(group).age - 120 for group in GROUP_SPREAD] for h in hands])
    np.testing.assert_allclose(steps.mean(axis=0), 0, atol=1)
    # Deviates beyond two standard deviations are clipped.
    np.testing.assert_allclose(
        steps.std(axis=0), list(GROUP_SPREAD.values()), rtol=0.15
    )
    assert abs(steps).max() <= 14
    among = np.corrcoef(steps.T)[~np.eye(len(GROUP_SPREAD), dtype=bool)]
    assert abs(among).max() < 0.2
    assert hands[0].of("radius").sex == "F"
    assert hands[0].of("radius").of("radius").age == hands[0].of("radius").age


def test_groups_grow_monotonically_and_start_together():
    for seed in range(50):
        hands = [
            draw_maturity(age, "M", np.random.default_rng(seed)) for age in range(229)
        ]
        for group in GROUP_SPREAD:
            ages = np.array([hand.of(group).age for hand in hands])
            assert ages[0] == 0
            assert (np.diff(ages) > 0).all()


def test_bones_broaden_until_the_radius_has_fused():
    for sex, last in (("F", 211), ("M", 228)):
        shares = [exact(age, sex).breadth() for age in range(0, last + 1)]
        assert (np.diff(shares) > 0).all()
        assert (shares[0], shares[-1]) == (0, 1)
        assert exact(last + 1, sex).breadth() == 1
        assert exact(last, sex).fused("radius") == 1
