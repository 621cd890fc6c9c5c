"""Months of girls and of boys at which a hand looks the same."""

from typing import Any

import numpy as np
import numpy.typing as npt

from .._utils.validation import SEXES, check_sexes, sex_by_keyword
from ._drawn_hand import _ossification as tables

Months = npt.NDArray[np.float64]

_NEIGHBOURS = 3.0  # girls' months up to which the next event counts as the same


def _same_events() -> Months:
    """Rows (girls' month, boys' month): birth, and the events of the drawn hand."""
    events = [*tables.APPEARANCE.values(), *tables.FUSION.values()]
    events += [tables.FULL_WIDTH, tables.FULL_WIDTH_LATE, tables.CAPPING]
    events.append(tables.CARTILAGE_USED_UP)
    months = np.array(sorted(events), dtype=float)
    later = np.flatnonzero(np.diff(months[:, 0]) > _NEIGHBOURS) + 1
    means = [together.mean(axis=0) for together in np.split(months, later)]
    return np.array([(0.0, 0.0), *means])


SAME_EVENTS = _same_events()


@sex_by_keyword
def to_girls_months(months: npt.ArrayLike, *, sex: Any) -> Months:
    """Translate bone ages to months of girls whose hands look the same.

    The same events, from the first carpals to the closed radius, come months later in
    boys: a boy's hand of 153 months looks like a girl's of 129. On the months of girls
    both sexes share one scale.

    Parameters
    ----------
    months : float or array-like of shape (n_samples,)
        Bone ages in months, of each film's own sex; NaN where unknown.
    sex : {"F", "M"} or array-like of shape (n_samples,)
        "F" or "M", None or NaN where unknown; True and 1 mean male.

    Returns
    -------
    months : ndarray of shape (n_samples,), float64
        Months of girls, NaN where the age or the sex is unknown. Of a single age and
        sex, an array without dimensions.

    Raises
    ------
    ValueError
        If there is not one sex per age, or one is not one of these codes.

    See Also
    --------
    from_girls_months : The way back.

    Notes
    -----
    Goes beyond the paper, which does not use the sex. Between birth and the closed
    radius, straight lines join the means of events that lie close together, of the
    appearance [1]_, growth and fusion [2]_ [3]_ of the bones that
    :func:`make_hand_radiographs` draws; beyond them the difference stays the same. It
    is 21 to 25 months from four to fifteen years.

    References
    ----------
    .. [1] Garn, S. M., Rohmann, C. G. & Silverman, F. N. (1967). Radiographic
       standards for postnatal ossification and tooth calcification. Medical
       Radiography and Photography 43, 45-66.
    .. [2] Greulich, W. W. & Pyle, S. I. (1959). Radiographic Atlas of Skeletal
       Development of the Hand and Wrist, 2nd ed. Stanford University Press.
    .. [3] Gilsanz, V. & Ratib, O. (2005). Hand Bone Age. Springer.

    Examples
    --------
    >>> from sklearn_baccaec.datasets import to_girls_months
    >>> to_girls_months([153, 129, 24], sex=["M", "F", None])
    array([129., 129.,  nan])
    """
    return _translate(months, sex, *SAME_EVENTS.T[::-1])


@sex_by_keyword
def from_girls_months(months: npt.ArrayLike, *, sex: Any) -> Months:
    """Translate months of girls to bone ages of each film's own sex.

    Parameters
    ----------
    months : float or array-like of shape (n_samples,)
        Months of girls whose hands look the same; NaN where unknown.
    sex : {"F", "M"} or array-like of shape (n_samples,)
        "F" or "M", None or NaN where unknown; True and 1 mean male.

    Returns
    -------
    months : ndarray of shape (n_samples,), float64
        Bone ages in months, NaN where the age or the sex is unknown. Of a single age
        and sex, an array without dimensions.

    Raises
    ------
    ValueError
        If there is not one sex per age, or one is not one of these codes.

    See Also
    --------
    to_girls_months : The way there, and where it comes from.

    Examples
    --------
    >>> from sklearn_baccaec.datasets import from_girls_months
    >>> from_girls_months(129, sex=["F", "M"])
    array([129., 153.])
    """
    return _translate(months, sex, *SAME_EVENTS.T)


def _translate(months: npt.ArrayLike, sex: Any, start: Months, to: Months) -> Months:
    """Boys' months from one column of the events to the other; girls' stay."""
    given = np.asarray(months, dtype=float)
    if given.ndim > 1:
        raise ValueError(f"months must be 1-D, got an array of shape {given.shape}")
    single = isinstance(sex, str) or np.ndim(sex) == 0
    count = 1 if single else len(sex)
    if given.ndim == 1 and not single and len(given) != count:
        raise ValueError(f"sex has {count} codes for {len(given)} ages in months")
    codes = check_sexes([sex] if single else sex, count)
    if single:
        codes = codes[0]
    lag = np.interp(given, start, to - start)
    boys = np.where(codes == SEXES.index("M"), given + lag, given)
    return np.where(codes < 0, np.nan, boys)
