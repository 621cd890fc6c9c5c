"""The landmarker that needs no table: raw films in, 19 landmarks out."""

import contextlib
import os
from numbers import Integral
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
from joblib import Memory, delayed
from sklearn.base import BaseEstimator
from sklearn.exceptions import NotFittedError
from sklearn.utils import Bunch, check_random_state

from ..._utils.docstrings import fill_docstrings
from ..._utils.parallel import open_memory, run_tasks
from ..._utils.regions import KEY_REGIONS
from ..._utils.sklearn_compat import (
    MEMORY,
    N_JOBS,
    DocumentationLinkMixin,
    Interval,
    check_params,
    fit_context,
    tag_films,
)
from ...films import FilmError
from ...films._checks import check_films
from ...films._open_film import OpenFilm
from ._budget import Budget
from ._hand_locator import FoundHand, HandLocator
from ._shared_networks import SharedNetworks
from ._weights import SHIPPED_WEIGHTS, Weights, WeightsError, load_weights, save_weights


@fill_docstrings
class HandLandmarker(DocumentationLinkMixin, BaseEstimator):
    """Find the 19 key regions on raw hand films, without labels.

    Two small networks look at each film: the finder at all of it, the refiner at the
    hand alone, upright. Left and right hands, any rotation, 8 and 16 bit, bright or
    dark bone, borders and markers are handled. The package's weights were trained
    without labels: on synthetic hands, then on RSNA films labelled by the networks.

    Parameters
    ----------
    weights : "rsna", path or None, default="rsna"
        Weights to start from in `fit` and to predict with before it: the package's own,
        a file written by `save_weights`, or None to start from nothing.
    n_rounds : int, default=2
        Rounds of self-training in `fit`: label the films, train on the labels.
    max_steps : int, default=700
        Training steps of 16 views for the refiner in each round, and 1.5 times as many
        before them where `fit` starts from nothing. The finder gets 2.2 times as many.
    {memory}
        Cache of landmarks, by the film's content and the weights, and of what each
        round of training gave: with it (and an integer seed) an interrupted `fit`
        goes on where it was.
    {n_jobs}
        Films located at once, in threads; the networks are trained side by side in
        two processes if it allows for them. Results do not depend on it.
    {random_state}
        Seed of `fit`.
    {verbose}

    Attributes
    ----------
    weights_ : dict of str to ndarray
        What `fit` trained. A clone, as in a grid search, lacks it: see the notes.
    n_films_used_ : int
        Films that the last round was trained on.

    See Also
    --------
    LandmarkTable : Landmarks that are already known.
    KeyRegionExtractor : Crops films at the landmarks; uses this one by default.

    Notes
    -----
    Goes beyond the paper, where people cut the regions by hand (Section 2.2). Each
    landmark is the mean of three looks. A logistic regression, fitted on spoiled films
    with known landmarks, turns their agreement and probability into a confidence.

    To use what was trained in a model that is cloned, as by a grid search, freeze it
    (``landmarker=FrozenEstimator(landmarker)``), or write it to a file with
    `save_weights` and name the file (``landmarker=HandLandmarker(weights=path)``).

    Examples
    --------
    >>> from sklearn_baccaec import HandLandmarker
    >>> from sklearn_baccaec.datasets import make_hand_radiographs
    >>> films = make_hand_radiographs(2, random_state=0)
    >>> landmarks = HandLandmarker().predict(films.data)
    >>> landmarks.shape
    (2, 19, 3)
    >>> bool((landmarks[..., 2] > 0.5).all())
    True
    """

    _parameter_constraints: ClassVar[dict] = {
        "weights": [str, os.PathLike, None],
        "n_rounds": [Interval(Integral, 1, None, closed="left")],
        "max_steps": [Interval(Integral, 1, None, closed="left")],
        "memory": MEMORY,
        "n_jobs": N_JOBS,
        "random_state": ["random_state"],
        "verbose": ["verbose"],
    }

    _budget = Budget()

    def __init__(
        self,
        weights: str | os.PathLike[str] | None = SHIPPED_WEIGHTS,
        *,
        n_rounds: int = 2,
        max_steps: int = 700,
        memory: str | os.PathLike[str] | Memory | None = None,
        n_jobs: int | None = None,
        random_state: int | np.random.RandomState | None = None,
        verbose: int = 0,
    ) -> None:
        self.weights = weights
        self.n_rounds = n_rounds
        self.max_steps = max_steps
        self.memory = memory
        self.n_jobs = n_jobs
        self.random_state = random_state
        self.verbose = verbose

    @fit_context(prefer_skip_nested_validation=True)
    def fit(self, X: Any, y: Any = None) -> Self:
        """Train the networks on films, with landmarks if there are any.

        Without ``y`` they are trained on their own labels of these films, as far as
        several looks at a film agree, beside synthetic films.

        Parameters
        ----------
        {films}
            At least 50; 1,000 of them, drawn at random, are used at most.
        y : array-like of shape (n_samples, 19, 2 or 3), default=None
            Landmarks in the films' pixels, x, y and optionally a weight in [0, 1]; NaN
            where unknown. With them there is one round, and no film labels itself.

        Returns
        -------
        self : object
            Fitted landmarker.

        Raises
        ------
        FilmError
            If a film cannot be read.
        ValueError
            If there are too few films, or too few whose hands are found, or ``y`` does
            not fit them.
        WeightsError
            If the weights to start from are missing or damaged.
        """
        from ._recipe import fit_weights

        films = check_films(X)
        least = self._budget.least
        if len(films) < least:
            raise ValueError(
                f"HandLandmarker.fit was given {len(films)} films; at least {least} "
                "are needed. To predict, no fit is needed"
            )
        self.weights_, self.n_films_used_ = fit_weights(
            films,
            y,
            start=None if self.weights is None else load_weights(self.weights),
            budget=self._budget,
            n_rounds=self.n_rounds,
            max_steps=self.max_steps,
            seed=int(check_random_state(self.random_state).randint(2**31 - 1)),
            memory=open_memory(self.memory),
            n_jobs=self.n_jobs,
            verbose=self.verbose,
        )
        return self

    def predict(self, X: Any) -> np.ndarray:
        """Find the landmarks of films.

        Parameters
        ----------
        {films}
            Of any sizes, 8 or 16 bit or float.

        Returns
        -------
        landmarks : ndarray of shape (n_samples, 19, 3)
            x, y in the film's pixels and the probability that the error is below 5% of
            the hand's length; NaN, NaN, 0 where no hand was found or the film cannot
            be read.

        Raises
        ------
        WeightsError
            If the weights are missing or damaged.
        NotFittedError
            If ``weights=None`` and the landmarker was not fitted.
        """
        return self.locate(X).landmarks

    def locate(self, X: Any) -> Bunch:
        """Find landmarks, and say which hand it is and what is wrong.

        Parameters
        ----------
        {films}

        Returns
        -------
        located : :class:`~sklearn.utils.Bunch`
            landmarks : ndarray of shape (n_samples, 19, 3)
                As `predict` returns them.
            confidence : ndarray of shape (n_samples,)
                Mean confidence of the film's landmarks.
            handedness : ndarray of shape (n_samples,), str
                "L" or "R" as on the film, where a mirrored left hand is a right one; ""
                where no hand was found.
            inverted : ndarray of shape (n_samples,), bool
                Whether bone is dark.
            reasons : ndarray of shape (n_samples,), object
                Why there are no landmarks; None where there are.
        """
        films = check_films(X)
        locator, n_films = self._make_locator(), len(films)
        located = Bunch(
            landmarks=np.full((n_films, len(KEY_REGIONS), 3), (np.nan, np.nan, 0)),
            confidence=np.zeros(n_films),
            handedness=np.full(n_films, "", dtype="<U1"),
            inverted=np.zeros(n_films, bool),
            reasons=np.full(n_films, None, dtype=object),
        )
        find = delayed(_find_or_error)
        tasks = [find(locator, film, i) for i, film in enumerate(films)]
        how: dict[str, Any] = {"n_jobs": self.n_jobs, "verbose": self.verbose}
        for i, found in enumerate(run_tasks(tasks, "landmarks", **how)):
            if isinstance(found, FilmError):
                located.reasons[i] = found.reason
                continue
            located.landmarks[i] = found.landmarks
            located.confidence[i] = found.landmarks[:, 2].mean()
            located.handedness[i] = "LR"[found.right]
            located.inverted[i] = found.inverted
        return located

    def save_weights(self, path: str | os.PathLike[str]) -> None:
        """Write the weights to a file for ``HandLandmarker(weights=path)``.

        Parameters
        ----------
        path : path
            Usually ends in ``.npz``. Half precision, with a checksum.
        """
        save_weights(self._current_weights(), path)

    def _make_locator(self) -> HandLocator:
        check_params(self)
        shipped = self.weights == SHIPPED_WEIGHTS and not hasattr(self, "weights_")
        networks = SharedNetworks(self._current_weights(), shipped=shipped)
        return HandLocator(networks, open_memory(self.memory))

    def _current_weights(self) -> Weights:
        if hasattr(self, "weights_"):
            return self.weights_
        if self.weights is None:
            raise NotFittedError(
                "HandLandmarker(weights=None) starts from nothing: call fit first, or "
                f"leave the weights at {SHIPPED_WEIGHTS!r}. A clone, as in a grid "
                "search, is not fitted: wrap it in sklearn.frozen.FrozenEstimator"
            )
        source, weights = getattr(self, "_carried", (None, {}))
        return weights if source == str(self.weights) else load_weights(self.weights)

    def __getstate__(self) -> Any:
        # The weights of a file go along: elsewhere there is no such file.
        state = super().__getstate__()
        if self.weights not in (None, SHIPPED_WEIGHTS) and "weights_" not in state:
            with contextlib.suppress(WeightsError):
                state["_carried"] = str(self.weights), self._current_weights()
        return state

    def _portable_state(self) -> dict[str, Any]:
        """State for a file that is read elsewhere: with the weights, without a path."""
        state = {**vars(self), "weights_": self._current_weights()}
        state.pop("_carried", None)
        if isinstance(self.weights, str | os.PathLike):
            state["weights"] = Path(self.weights).name
        return state

    def __sklearn_tags__(self) -> Any:
        tags = tag_films(super().__sklearn_tags__())
        tags.requires_fit = self.weights is None
        return tags


def find_locator(landmarker: Any) -> HandLocator | None:
    """Locator of a `HandLandmarker`, frozen or not, with its own `locate`; or None."""
    locate: Any = getattr(landmarker, "locate", None)
    if getattr(locate, "__func__", None) is not HandLandmarker.locate:
        return None
    return locate.__self__._make_locator()


def _find_or_error(locator: HandLocator, film: Any, i: int) -> FoundHand | FilmError:
    try:
        return locator.find(OpenFilm(film, i))
    except FilmError as error:
        return error
