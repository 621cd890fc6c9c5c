"""When bones appear, widen and fuse: months of (girls, boys), the order of `SEXES`."""

from dataclasses import dataclass, field, replace

import numpy as np

from ..._utils.validation import SEXES

# Medians of Garn, Rohmann & Silverman (1967); pisiform: Gilsanz & Ratib (2005), both
# cited by `make_hand_radiographs`. Whole months, taken over from secondary
# tabulations: fit for drawing hands, not for reading ages.
APPEARANCE: dict[str, tuple[float, float]] = {
    "capitate": (2, 3), "hamate": (2, 4), "triquetral": (20, 29), "lunate": (31, 49),
    "scaphoid": (49, 68), "trapezium": (49, 70), "trapezoid": (50, 75),
    "pisiform": (108, 132), "radius": (10, 13), "ulna": (64, 85),
    "sesamoid": (129, 153), "thumb_metacarpal": (19, 31),
    "index_metacarpal": (13, 19), "middle_metacarpal": (14, 21),
    "ring_metacarpal": (15, 24), "little_metacarpal": (16, 26),
    "thumb_proximal": (20, 36),
    "index_proximal": (11, 16), "middle_proximal": (10, 16),
    "ring_proximal": (11, 18), "little_proximal": (14, 21),
    "index_middle": (16, 26), "middle_middle": (15, 24),
    "ring_middle": (15, 25), "little_middle": (22, 41),
    "thumb_distal": (12, 17),
    "index_distal": (30, 38), "middle_distal": (18, 29),
    "ring_distal": (18, 29), "little_distal": (24, 39),
}  # fmt: skip

CARPALS = tuple(APPEARANCE)[:8]

# Middle of the epiphysis' fusion with its shaft, within the ranges of the plates of
# Greulich & Pyle (1959).
FUSION: dict[str, tuple[float, float]] = {
    "distal": (162, 186), "proximal": (168, 193), "middle": (169, 195),
    "metacarpal": (172, 196), "ulna": (191, 208), "radius": (201, 218),
}  # fmt: skip

# Epiphysis as wide as its metaphysis, and capping it (same plates; the stages are
# those of Tanner et al. (2001), Assessment of Skeletal Maturity, TW3, Saunders).
FULL_WIDTH = (93.0, 114.0)
FULL_WIDTH_LATE = (126.0, 150.0)
LATE = "ulna", "thumb_metacarpal"  # the second by comparing films without an age
CAPPING = (138.0, 162.0)
CAPPING_MONTHS = 45.0  # at least, from the full width on
CAPPING_WIDTH = 1.08
# The cartilage at the bones' ends is used up (same plates). When the carpals have their
# adult outline comes from no standard: on films without an age, their gaps close as
# late as this on the scale of the other bones.
CARTILAGE_USED_UP = (146.0, 168.0)
CARPALS_COMPLETE = (156.0, 180.0)
# The hook of the hamate appears with one and is advanced with the other: Grave & Brown
# (1976), Skeletal ossification and the adolescent growth spurt, American Journal of
# Orthodontics 69, 611-619.
HOOK = "pisiform", "sesamoid"

# An epiphysis widens as its share of that time to this power, so that it has 65 to 80%
# of the metaphysis' width in boys of 72 to 96 months. These two come from no standard:
# they were set by eye beside a few dozen films, like the shapes of the bones.
WIDTH_POWER = 0.65
# Centres that fill their metaphysis early: factors of that power.
EARLY_WIDTH = {
    "metacarpal": 0.5, "radius": 0.5, "proximal": 0.5, "middle": 0.7, "distal": 0.6,
    "ulna": 0.5, "thumb_metacarpal": 0.8,
}  # fmt: skip
FUSION_MONTHS = 20.0
APPEARANCE_SPREAD = 0.08
FUSION_SPREAD = 0.02
# Bones that are ahead or behind together, and their standard deviations in months.
GROUP_SPREAD = dict.fromkeys(
    ("thumb", "distal", "middle", "proximal", "metacarpal", "radius", "ulna"), 5.0
) | {"carpals": 7.0}
YOUNG = 48.0  # months below which groups are out of step in proportion to the age


def smooth_step(value: float, start: float, end: float) -> float:
    """Rise from 0 at `start` to 1 at `end` without a corner."""
    share = min(max((value - start) / (end - start), 0.0), 1.0)
    return share * share * (3.0 - 2.0 * share)


@dataclass(frozen=True)
class Maturity:
    """Maturity of every bone of one hand of a bone age in months and a sex."""

    age: float
    sex: str
    variation: dict[str, float]  # standard normal deviates: centres do not keep step
    steps: dict[str, float] = field(default_factory=dict)  # months ahead, by group
    width_power: float = WIDTH_POWER
    width_delay: float = 1.0  # of the epiphyses' full width, a factor

    def of(self, group: str) -> "Maturity":
        """Maturity of a group of bones, which is a little ahead or behind."""
        step = self.steps.get(group, 0.0) * min(self.age / YOUNG, 1.0)
        return replace(self, age=self.age + step, steps={})

    def _months(self, milestone: tuple[float, float]) -> float:
        return milestone[SEXES.index(self.sex)]

    def _fusion(self, centre: str) -> float:
        """Age at which half of the epiphysis' growth plate is bridged."""
        return self._months(FUSION[centre.rsplit("_", 1)[-1]])

    def _growth(self, centre: str, complete: float, power: float) -> float:
        """Share of its growth that a centre has done, 0 before it appears."""
        spread = 1.0 + APPEARANCE_SPREAD * self.variation[centre]
        onset = spread * self._months(APPEARANCE[centre])
        if self.age < onset:
            return 0.0
        share = min((self.age - onset) / (max(complete, onset + 24.0) - onset), 1.0)
        return 0.15 + 0.85 * share**power

    def diameter(self, centre: str) -> float:
        """Diameter of a carpal or sesamoid relative to the adult's (0: not seen)."""
        complete = self._months(CARPALS_COMPLETE)
        # The two that appear in the first months grow fastest at first.
        power = 0.2 + 1.25 * self._months(APPEARANCE[centre]) / complete
        return self._growth(centre, complete, min(power, 0.9))

    def hook(self) -> float:
        """Share of its growth that the hook of the hamate has done."""
        start, end = (self._months(APPEARANCE[of]) for of in HOOK)
        return smooth_step(self.age, start, end)

    def epiphysis(self, centre: str) -> float:
        """Width of an epiphysis in units of its metaphysis' width (0: not seen)."""
        full = self._months(FULL_WIDTH_LATE if centre in LATE else FULL_WIDTH)
        capped = max(self._months(CAPPING), full + CAPPING_MONTHS)
        power = self.width_power * EARLY_WIDTH.get(
            centre, EARLY_WIDTH[centre.rsplit("_", 1)[-1]]
        )
        width = self._growth(centre, self.width_delay * full, power)
        return width * (
            1.0 + (CAPPING_WIDTH - 1.0) * smooth_step(self.age, full, capped)
        )

    def fused(self, centre: str) -> float:
        """Share of a growth plate that is bridged: 0 open, 1 closed."""
        middle = self._fusion(centre) * (1.0 + FUSION_SPREAD * self.variation[centre])
        half = FUSION_MONTHS / 2
        return smooth_step(self.age, middle - half, middle + half)

    def plate(self, centre: str) -> float:
        """Thickness of a growth plate in units of a young child's."""
        end = self._fusion(centre)
        return 1.0 - 0.8 * smooth_step(self.age, end - 160.0, end)

    def cartilage(self) -> float:
        """Share of the bone ends that is still cartilage: 1 at birth, 0 in adults."""
        share = min(self.age / self._months(CARTILAGE_USED_UP), 1.0)
        return 1.0 - share * share

    def breadth(self) -> float:
        """Share of their broadening that bones have done, 1 when the radius fused."""
        return min(self.age / (self._fusion("radius") + FUSION_MONTHS / 2), 1.0)


def draw_maturity(age: float, sex: str, rng: np.random.Generator) -> Maturity:
    """Maturity of a hand of this bone age, its centres slightly out of step."""
    deviates = rng.standard_normal(len(APPEARANCE) + len(GROUP_SPREAD))
    centres, groups = np.split(np.clip(deviates, -2.0, 2.0), [len(APPEARANCE)])
    return Maturity(
        age,
        sex,
        dict(zip(APPEARANCE, centres.tolist(), strict=True)),
        {
            group: months * deviate
            for (group, months), deviate in zip(
                GROUP_SPREAD.items(), groups.tolist(), strict=True
            )
        },
        width_power=float(rng.uniform(0.5, 0.8)),
        width_delay=float(rng.uniform(0.98, 1.12)),
    )
