"""One film with the age that each region tells by itself, beside an atlas plate."""

from collections.abc import Iterable, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any, Literal, Self

import numpy as np
from sklearn.utils.validation import check_is_fitted

from .._utils.docstrings import fill_docstrings
from .._utils.regions import region_index
from .._utils.validation import SEXES, check_sexes
from ..datasets import draw_atlas_plate
from ..datasets._synthetic import AGE_LIMITS
from ..films import read_film
from ..films._checks import is_path
from ..regions._crop_frames import check_scales
from ._drawing import draw_film, draw_windows, shorten
from ._inputs import find_model, find_windows
from ._styles import get_axes

MOST = 24.0  # months ahead or behind that still differ in colour
COLOURS = "coolwarm"  # told apart by the colour-blind; neither end is lost on a film
_LONGEST_NAME = 32  # characters that fit above the film
_CHILDREN = ("girl", "boy", "sex unknown")


@fill_docstrings
@dataclass(eq=False, repr=False)
class RegionAgeDisplay:
    """Show why a film has its bone age: which regions are ahead, and which behind.

    On the film, the window of each region is red where the region by itself looks older
    than the whole hand, blue where it looks younger, and hollow where the region is
    absent. Beside it stands the drawn hand of the film's bone age, as an atlas plate.

    Parameters
    ----------
    film : ndarray of shape (H, W)
        The film's pixels.
    windows : ndarray of shape (n_regions, 4, 2)
        x, y of the corners of each region's window in pixels; NaN where it is not
        known.
    region_ages : ndarray of shape (n_regions,)
        Months by each region alone, NaN where it is absent.
    regions : sequence of str
        Their names.
    age : float
        Bone age of the film in months; NaN where there is none.
    age_range : (float, float)
        Its range in months; without an upper end, inf.
    sex : {"F", "M"} or None, default=None
        For which the months are; None is the mean of both.
    name : str, default="film"
        What the title calls the film.
    side : {"L", "R", ""}, default=""
        Which hand the film shows. The plate shows the same one.
    reason : str or None, default=None
        Why there is no age, or what else the model says of it.

    Attributes
    ----------
    axes_ : ndarray of shape (2,), object
        Where film and plate are drawn.
    {figure_drawn}
    image_, plate_ : matplotlib AxesImage
        The film and the plate; ``plate_`` is None without an age.
    windows_ : matplotlib PolyCollection
        Windows with an age, coloured by months ahead of the film; largest first.
    absent_ : matplotlib PolyCollection
        Windows without one.

    See Also
    --------
    KeyRegionDisplay : One film with its landmarks.
    BoneAgeClusterer.predict_region_age : The ages.

    Examples
    --------
    >>> from sklearn_baccaec import LandmarkTable, load_pretrained
    >>> from sklearn_baccaec.datasets import make_hand_radiographs
    >>> from sklearn_baccaec.plotting import RegionAgeDisplay
    >>> films = make_hand_radiographs(1, random_state=0)  # drawn: its months are off
    >>> landmarker = LandmarkTable.from_films(films.data, films.landmarks)
    >>> model = load_pretrained(landmarker=landmarker)
    >>> display = RegionAgeDisplay.from_estimator(model, films.data[0], sex="F")
    >>> display.region_ages.shape
    (19,)
    """

    film: np.ndarray
    windows: np.ndarray
    region_ages: np.ndarray
    regions: Iterable[str]
    age: float
    age_range: Sequence[float]
    _: KW_ONLY
    sex: Literal["F", "M"] | None = None
    name: str = "film"
    side: str = ""
    reason: str | None = None

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        film: Any,
        *,
        sex: str | bool | None = None,
        name: str | None = None,
        ax: Any = None,
    ) -> Self:
        """Read the ages of a film and of its regions, and draw them.

        Parameters
        ----------
        estimator : fitted BoneAgeClusterer
            Or a search or a Pipeline that ends with one.
        film : path or array of shape (H, W)
            One film as the estimator takes it.
        sex : {"F", "M"} or None, default=None
            Sex; booleans mean male. None means the mean of girls and boys.
        name : str or None, default=None
            What the title calls the film. None means its file name, or "film".
        {ax_pair}

        {drawn}

        Raises
        ------
        FilmError
            If the film cannot be used and ``on_error="raise"``, or cannot be read.
        NotFittedError, TypeError
            If the estimator is not fitted, or is not a BoneAgeClusterer.
        ValueError
            If the model reads no ages of single regions, or sex is invalid.
        """
        # Not before it is needed: it loads the networks.
        from .._clusterer import assign_films, check_region_ages, tell_region_ages

        code = check_sexes([sex], 1)[0]
        model, given = find_model(estimator, film)
        if not hasattr(model, "examine"):
            raise TypeError(f"{type(model).__name__} is not a BoneAgeClusterer")
        check_is_fitted(model)
        check_region_ages(model)
        known: Any = [*SEXES, None][code]
        examined = model.examine([given])
        said = assign_films(model.named_clusterer_, examined, [known]).iloc[0]
        pixels = read_film(given)
        if name is None:
            name = examined.names[0] if is_path(given) else "film"
        extractor = model.pipeline_[0]
        scales = check_scales(extractor.scales, extractor.crop_scale)
        windows, _ = find_windows(
            examined.landmarks[0], pixels.shape, scales, extractor.crop_shape
        )
        display = cls(
            pixels,
            windows[[region_index(region) for region in extractor.regions_]],
            tell_region_ages(model, examined, [known])[0],
            extractor.regions_,
            said["age"],
            (said["age_low"], said["age_high"]),
            sex=known,
            name=name,
            side=examined.handedness[0],
            reason=said["reason"],
        )
        return display.plot(ax)

    def plot(self, ax: Any = None) -> Self:
        """Draw film and plate.

        Parameters
        ----------
        {ax_pair}

        {drawn}
        """
        height, width = self.film.shape
        size = 1.4 + 11 * min(max(width / height, 0.75), 2), 6.3  # inches
        self.axes_ = np.asarray(get_axes(ax, size, n_columns=2))
        on_film, on_plate = self.axes_
        on_film.set_anchor("N")  # film and plate at one height
        on_plate.set_anchor("N")
        self.figure_ = on_film.figure
        self.image_ = draw_film(on_film, self.film)
        ahead = self.region_ages - self.age
        style = {"cmap": COLOURS, "clim": (-MOST, MOST)}
        self.windows_, self.absent_ = draw_windows(on_film, self.windows, ahead, style)
        child = _CHILDREN[-1 if self.sex is None else SEXES.index(self.sex)]
        on_film.set_title(
            f"{shorten(self.name, _LONGEST_NAME)}, {child}\n"
            f"{tell_age(self.age, self.age_range)}",
            parse_math=False,  # a name may hold dollars
        )
        on_plate.set_axis_off()
        self.plate_ = None
        if np.isnan(self.age):
            return self
        bar = self.figure_.colorbar(
            self.windows_, ax=on_film, extend="both", fraction=0.04, pad=0.02
        )
        bar.set_label("months ahead of the hand (below 0: behind)")
        months = float(np.clip(self.age, *AGE_LIMITS))
        plate = draw_atlas_plate(months, sex=self.sex)
        plate = plate[:, ::-1] if self.side == "R" else plate
        self.plate_ = draw_film(on_plate, plate)
        on_plate.set_title(f"atlas plate, {child}\ndrawn at {months:.0f} months")
        return self


def tell_age(age: float, age_range: Sequence[float]) -> str:
    """Bone age and range in words."""
    low, high = age_range
    if np.isnan(age):
        return "no bone age"
    if np.isinf(high):
        return f"bone age at least {age:.0f} months, range from {low:.0f}"
    return f"bone age {age:.0f} months, range {low:.0f} to {high:.0f}"


def tell_colour(months: float) -> str:
    """Colour, such as "#b40426", of a region so many months ahead (or behind, < 0)."""
    import matplotlib
    from matplotlib.colors import to_hex

    return to_hex(matplotlib.colormaps[COLOURS]((months / MOST + 1) / 2))
