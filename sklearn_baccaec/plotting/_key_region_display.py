"""One film with its landmarks and the outlines of its crops."""

from collections.abc import Iterable, Mapping
from dataclasses import KW_ONLY, dataclass
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np

from .._utils.blocks import check_size
from .._utils.docstrings import fill_docstrings
from .._utils.regions import check_regions, region_index
from .._utils.text import printable
from ..films import read_film
from ..films._checks import is_path
from ..regions._crop_frames import check_scales
from ._drawing import draw_film, draw_landmarks, draw_outlines
from ._inputs import find_extractor, find_landmarks, find_windows
from ._styles import get_axes


@fill_docstrings
@dataclass(eq=False, repr=False)
class KeyRegionDisplay:
    """Show one film with its landmarks and the crops that would be cut.

    The sides of a crop are drawn in its film, as
    :class:`~sklearn_baccaec.KeyRegionExtractor` would cut it, its upper side bold.

    Parameters
    ----------
    film : ndarray of shape (H, W)
        The film's pixels.
    landmarks : ndarray of shape (19, 3)
        x, y in pixels and confidence in [0, 1] of each; NaN, NaN, 0 where unknown.
    outlines : ndarray of shape (n_regions, 4, 2)
        x, y of each crop's corners in pixels: top left, top right, bottom right,
        bottom left; NaN where a region cannot be cropped.
    regions : sequence of str
        The regions to draw.
    name : str, default=""
        What the title calls the film.
    side : {"left", "right"} or None, default=None
        Which hand the film shows; None if no hand was found.

    Attributes
    ----------
    {axes_drawn}
    image_ : matplotlib AxesImage
        The film.
    landmarks_ : matplotlib PathCollection
        The landmarks, coloured by confidence.
    outlines_ : matplotlib PolyCollection or None
        The crops, in the order of the regions; those that cannot be cut are left out.
    tops_ : matplotlib LineCollection or None
        The crops' upper sides.
    text_ : list of matplotlib Annotation
        The regions' names.

    See Also
    --------
    FilmSheetDisplay : The least certain films of many.

    Examples
    --------
    >>> from sklearn_baccaec.datasets import make_hand_radiographs
    >>> from sklearn_baccaec.plotting import KeyRegionDisplay
    >>> films = make_hand_radiographs(1, random_state=0)
    >>> display = KeyRegionDisplay.from_film(
    ...     films.data[0], landmarks=films.landmarks[0], regions=["carpus", "radius"]
    ... )
    >>> print(display.ax_.get_title())
    film
    left hand, confidence 1.00
    """

    film: np.ndarray
    landmarks: np.ndarray
    outlines: np.ndarray
    regions: Iterable[str]
    _: KW_ONLY
    name: str = ""
    side: Literal["left", "right"] | None = None

    @classmethod
    def from_film(
        cls,
        film: Any,
        *,
        landmarker: Any = None,
        landmarks: Any = None,
        regions: Iterable[str | int] | str | int | None = None,
        scales: Mapping[str | int, float] | None = None,
        crop_shape: tuple[int, int] = (64, 64),
        crop_scale: float | None = None,
        name: str | None = None,
        ax: Any = None,
        outlines: bool = True,
        names: bool = False,
        threshold: float = 0.5,
    ) -> Self:
        """Find a film's landmarks and crops, and draw them.

        Parameters
        ----------
        film : path or array of shape (H, W)
            The film, 8 or 16 bit or float.
        {landmarker}
        landmarks : array-like of shape (19, 2 or 3), default=None
            Found before: x, y in pixels and optionally confidence; NaN where unknown.
        {regions}
            Regions to draw, by name or by the paper's number. None means all 19.
        scales, crop_shape, crop_scale
            As for :class:`~sklearn_baccaec.KeyRegionExtractor`.
        name : str or None, default=None
            What the title calls the film. None means its file name, or "film".
        {ax}
        outlines, names, threshold
            As for :meth:`plot`.

        {drawn}

        Raises
        ------
        FilmError
            If the film cannot be read.
        ValueError
            For invalid landmarks, regions, scales, crop_shape or crop_scale.
        """
        chosen = check_regions(regions)
        columns = [region_index(region) for region in chosen]
        shape = check_size(crop_shape, "crop_shape")
        shares = check_scales(scales, crop_scale)
        if name is None:
            name = Path(film).name if is_path(film) else "film"
        given = None if landmarks is None else [landmarks]
        points = find_landmarks([film], given, landmarker)[0]
        pixels = read_film(film)
        corners, side = find_windows(points, pixels.shape, shares, shape)
        display = cls(pixels, points, corners[columns], chosen, name=name, side=side)
        return display.plot(ax, outlines=outlines, names=names, threshold=threshold)

    @classmethod
    def from_estimator(
        cls,
        estimator: Any,
        film: Any,
        *,
        name: str | None = None,
        ax: Any = None,
        outlines: bool = True,
        names: bool = False,
    ) -> Self:
        """Draw a film with the landmarks and crops that a model takes from it.

        Crops whose confidence is below the model's `min_confidence` are dashed.

        Parameters
        ----------
        estimator : fitted BoneAgeClusterer, or KeyRegionExtractor
            Or a search or a Pipeline that ends with one.
        film : path or array of shape (H, W)
            One film as the estimator takes it.
        name : str or None, default=None
            What the title calls the film. None means its file name, or "film".
        {ax}
        outlines, names
            As for :meth:`plot`.

        {drawn}

        Raises
        ------
        FilmError
            If the film cannot be read.
        NotFittedError
            If a BoneAgeClusterer or a search is not fitted.
        TypeError
            If the estimator crops no films.
        """
        extractor, given = find_extractor(estimator, film)
        return cls.from_film(
            given,
            landmarker=extractor.landmarker,
            regions=extractor.regions,
            scales=extractor.scales,
            crop_shape=extractor.crop_shape,
            crop_scale=extractor.crop_scale,
            name=name,
            ax=ax,
            outlines=outlines,
            names=names,
            threshold=extractor.min_confidence,
        )

    def plot(
        self,
        ax: Any = None,
        *,
        outlines: bool = True,
        names: bool = False,
        threshold: float = 0.5,
    ) -> Self:
        """Draw the film.

        Parameters
        ----------
        {ax}
        outlines : bool, default=True
            Draw the crops.
        names : bool, default=False
            Write the regions' names.
        threshold : float, default=0.5
            Crops of a lower confidence are dashed.

        {drawn}
        """
        from matplotlib.patheffects import withStroke

        height, width = self.film.shape
        ax = get_axes(ax, (1 + 6 * min(width / height, 2), 7))  # inches, with the bar
        chosen = self.landmarks[[region_index(region) for region in self.regions]]
        self.ax_, self.figure_ = ax, ax.figure
        self.image_ = draw_film(ax, self.film)
        self.landmarks_ = draw_landmarks(ax, chosen, size=5)
        certainty = f"{self.side} hand, confidence {chosen[:, 2].mean():.2f}"
        found = certainty if self.side else "no hand found"
        ax.set_title(f"{printable(self.name)}\n{found}", parse_math=False)
        bar = self.figure_.colorbar(self.landmarks_, ax=ax, fraction=0.04, pad=0.02)
        bar.set_label("confidence")
        self.outlines_ = self.tops_ = None
        if outlines:
            bar.set_label(f"confidence (dashed below {threshold:g})")
            self.outlines_, self.tops_ = draw_outlines(
                ax, self.outlines, chosen[:, 2], threshold
            )
        self.text_ = []
        if names:
            outline = [withStroke(linewidth=1.5, foreground="black")]
            style = {"ha": "center", "va": "top", "fontsize": 6.5, "color": "white"}
            style |= {"textcoords": "offset points", "path_effects": outline}
            self.text_ = [
                ax.annotate(region.replace("_", " "), (x, y), (0, -4), **style)
                for region, (x, y, _) in zip(self.regions, chosen, strict=True)
                if np.isfinite(x)
            ]
        return self
