"""Plates of an atlas that is drawn: the typical hand of a bone age."""

from numbers import Real

import numpy as np
import numpy.typing as npt

from .._utils.validation import check_sexes, sex_by_keyword
from ._drawn_hand._build import Build
from ._drawn_hand._film import Hand, draw_film
from ._drawn_hand._ossification import APPEARANCE, Maturity
from ._drawn_hand._pose import Placement, draw_joints
from ._sex_scale import SAME_EVENTS
from ._synthetic import AGE_LIMITS

SHAPE = 800, 600  # pixels
_PLACEMENT = Placement(600 + 0j, 300 + 600j, False)  # carpus low in the middle
_SEED = 0  # of the trabecular pattern


@sex_by_keyword
def draw_atlas_plate(
    months: float, *, sex: str | bool | None = None
) -> npt.NDArray[np.uint8]:
    """Draw the typical left hand of a bone age, as a plate of an atlas shows it.

    Its centres of ossification keep the months of the published standards, all bones
    are in step, and shape, pose and exposure are the mean ones. What the hand of a
    film looks like at its bone age can be compared with it by eye.

    Parameters
    ----------
    months : float
        Bone age in months, from 0 to 228.
    sex : {"F", "M"} or None, default=None
        Sex; booleans mean male. None means the hand at which the mean of the months
        of girls and of boys is this.

    Returns
    -------
    plate : ndarray of shape (800, 600), uint8
        Film, bone bright; the same one whenever it is drawn.

    Raises
    ------
    ValueError
        If the months are not such a number, or the sex is not one of these codes.

    See Also
    --------
    make_hand_radiographs : Hands that differ, and where the months come from.

    Examples
    --------
    >>> from sklearn_baccaec.datasets import draw_atlas_plate
    >>> draw_atlas_plate(120, sex="F").shape
    (800, 600)
    """
    youngest, oldest = AGE_LIMITS
    known = isinstance(months, Real) and not isinstance(months, bool)
    if not known or not youngest <= months <= oldest:
        raise ValueError(
            f"months must be a number from {youngest:g} to {oldest:g}, got {months!r}"
        )
    code = check_sexes([sex], 1)[0]
    girls, boys = SAME_EVENTS.T
    if code < 0:  # a girl of the months whose mean with a boy's is this
        mean = (girls + boys) / 2
        months = months + np.interp(months, mean, girls - mean)
    rng = np.random.default_rng(_SEED)
    joints = draw_joints(rng, 0)
    in_step = dict.fromkeys(APPEARANCE, 0.0)
    maturity = Maturity(float(months), "M" if code == 1 else "F", in_step)
    return draw_film(Hand(joints, maturity, Build()), _PLACEMENT, SHAPE, rng)
