"""Curves of the regions' latents over maturity, and how far films lie from them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from scipy import linalg
from sklearn.preprocessing import SplineTransformer

MARGIN = 0.2  # how far beyond 0 and 1 films can be placed; the curves go on straight
GRID = np.linspace(-MARGIN, 1 + MARGIN, 141)  # places that are tried for every film

_RIDGE = 1e-6  # keeps coefficients that no film tells about finite
_FAINTEST = 1e-6  # least noise, as a share of a region's variance


@dataclass(frozen=True)
class RegionCurves:
    """Cubic spline curve of each region, and the region's own Gaussian noise.

    Attributes
    ----------
    coefficients : ndarray of shape (n_regions, n_splines, width)
        Latents at the knots of the spline, roughly.
    whitening : ndarray of shape (n_regions, width, width)
        Roots of the inverse noise covariances: in the latents times these, distances
        are in units of noise. Zero for a region that most films lack, if those that
        have it are fewer than its curve has coefficients.
    """

    coefficients: np.ndarray
    whitening: np.ndarray

    @classmethod
    def learn(
        cls,
        latents: np.ndarray,  # (n_samples, n_regions, width); NaN for absent regions
        maturity: np.ndarray,  # (n_samples,)
        n_knots: int,
        penalty: float,
        shrinkage: float,
    ) -> Self:
        """Fit the curves to films whose maturity is given."""
        basis = evaluate_basis(maturity, n_knots)
        rough = np.diff(np.eye(basis.shape[1]), 2, axis=0)
        rough = rough.T @ rough
        _, n_regions, width = latents.shape
        coefficients = np.zeros((n_regions, basis.shape[1], width))
        whitening = np.zeros((n_regions, width, width))
        for region in range(n_regions):
            own = latents[:, region]
            present = np.isfinite(own).all(axis=1)
            own, bent = own[present], basis[present]
            if len(own) < min(basis.shape[1], len(latents) / 2) or not len(own):
                continue
            gram = bent.T @ bent
            ridge = len(own) * penalty * rough + _RIDGE * np.eye(len(gram))
            solved = linalg.solve(
                gram + ridge, np.hstack([bent.T @ own, gram]), assume_a="pos"
            )
            coefficients[region] = solved[:, :width]
            residuals = own - bent @ coefficients[region]
            # What the curve itself has used up of the films.
            freedom = max(1.0, len(own) - np.trace(solved[:, width:]))
            noise = residuals.T @ residuals / freedom
            level = max(np.trace(noise) / width, _FAINTEST * own.var(axis=0).mean())
            noise *= 1 - shrinkage
            noise.flat[:: width + 1] += max(shrinkage, _FAINTEST) * level or 1.0
            root = linalg.cholesky(noise, lower=True)
            whitening[region] = linalg.solve_triangular(
                root, np.eye(width), lower=True
            ).T
        return cls(coefficients, whitening)

    @property
    def told(self) -> np.ndarray:
        """Which regions (n_regions,) tell anything: enough films have them."""
        return np.asarray(self.whitening.any(axis=(1, 2)))

    def noise(self) -> np.ndarray:
        """Covariances (n_regions, width, width) of the noise; NaN where not told."""
        roots = self.whitening @ self.whitening.transpose(0, 2, 1)
        noise = np.full_like(roots, np.nan)
        noise[self.told] = np.linalg.inv(roots[self.told])
        return noise

    def curves(self) -> np.ndarray:
        """Latents (n_regions, n_places, width) along the grid."""
        n_knots = self.coefficients.shape[1] - 2
        return evaluate_basis(GRID, n_knots) @ self.coefficients

    def distances(self, latents: np.ndarray) -> Iterator[np.ndarray]:
        """Squared distances (n_samples, n_places) of each region, in units of noise.

        0 where a region is absent, so that it leaves sums over the regions.
        """
        for region, curve in enumerate(self.curves()):
            present = np.isfinite(latents[:, region]).all(axis=1)
            films = np.nan_to_num(latents[:, region]) @ self.whitening[region]
            white = curve @ self.whitening[region]
            squares = (films**2).sum(axis=1)[:, None] + (white**2).sum(axis=1)
            squares -= 2 * films @ white.T
            yield np.maximum(squares, 0) * present[:, None]

    def total_distances(self, latents: np.ndarray) -> np.ndarray:
        """Sum (n_samples, n_places) of `distances` over the regions."""
        total = np.zeros((len(latents), len(GRID)))
        for squares in self.distances(latents):
            total += squares
        return total

    def of(self, regions: Sequence[int]) -> Self:
        """Return the curves of some regions."""
        return type(self)(self.coefficients[regions], self.whitening[regions])

    def mirrored(self) -> Self:
        """Return the same curves, run through from the other end."""
        # A view would be summed in another order than its pickled copy.
        mirrored = np.ascontiguousarray(self.coefficients[:, ::-1])
        return type(self)(mirrored, self.whitening)


def evaluate_basis(maturity: np.ndarray, n_knots: int) -> np.ndarray:
    """Cubic B-splines (n_samples, n_knots + 2), linear beyond 0 and 1."""
    knots = np.linspace(0, 1, n_knots)[:, None]
    splines = SplineTransformer(n_knots, 3, knots=knots, extrapolation="linear")
    splines.set_output(transform="default")  # whatever is set for all
    return splines.fit(knots).transform(maturity[:, None])


def posterior(squares: np.ndarray, temperature: float) -> np.ndarray:
    """Probability of every place of the grid (..., n_places), from squared distances.

    The regions are not as independent as their sum takes them to be: the temperature,
    in (0, 1], makes up for that.
    """
    exponent = -0.5 * temperature * squares
    weights = np.exp(exponent - exponent.max(axis=-1, keepdims=True))
    return weights / weights.sum(axis=-1, keepdims=True)
