"""Majority-label accuracy: how pure the clusters are, and random clusters would be.

The figure is the paper's (arXiv:2206.05641, section 4.1 and Table 1). It uses the true
labels to name the clusters and rises with the number of clusters, so the chance level
belongs beside it.
"""

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy.fft import irfft, next_fast_len, rfft
from scipy.stats import binom, hypergeom
from sklearn.utils import check_consistent_length

from .._utils.sklearn_compat import column_or_1d

_TAIL = 1e-13  # what the sums over the largest count leave out, in samples


def majority_label_accuracy(
    labels_true: ArrayLike, labels_pred: ArrayLike, groups: ArrayLike | None = None
) -> float:
    """Share of samples whose cluster is dominated by their own label.

    Each cluster is named by its most frequent true label. Known as purity elsewhere;
    in arXiv:2206.05641, section 4.1, it is 76.15% for 960 films in 16 clusters.

    Parameters
    ----------
    labels_true : array-like of shape (n_samples,)
        True labels, for instance the index of the age interval. -1 and missing values
        mean unknown; such samples are left out.
    labels_pred : array-like of shape (n_samples,)
        Cluster of each sample. -1 means set aside: the sample is in no cluster and
        counts as wrong.
    groups : array-like of shape (n_samples,) or None, default=None
        What is known of each sample in advance, such as the sex: each cluster then has
        one name per group. Missing values are a group too.

    Returns
    -------
    accuracy : float in [0, 1]
        At least the share of the largest class if no sample is set aside.

    Raises
    ------
    ValueError
        If the lengths differ, or if no true label is known.

    See Also
    --------
    chance_majority_label_accuracy : What a random partition reaches.
    adjusted_majority_label_accuracy : 0 at chance, 1 for pure clusters.

    Examples
    --------
    >>> from sklearn_baccaec.metrics import majority_label_accuracy
    >>> majority_label_accuracy([0, 0, 1, 1, 2], [5, 5, 5, 7, 7])
    0.6
    """
    true, pred, group = _encode(labels_true, labels_pred, groups)
    clustered = pred >= 0
    counts = np.zeros((pred.max() + 1, group.max() + 1, true.max() + 1), dtype=int)
    np.add.at(counts, (pred[clustered], group[clustered], true[clustered]), 1)
    return float(counts.max(axis=2).sum() / len(true))


def chance_majority_label_accuracy(
    labels_true: ArrayLike, labels_pred: ArrayLike, groups: ArrayLike | None = None
) -> float:
    """Majority-label accuracy expected of a random partition.

    The partition has the cluster sizes of `labels_pred`, with as many samples set
    aside, and its samples are drawn at random from those with a known label.

    Parameters
    ----------
    labels_true, labels_pred, groups
        As for :func:`majority_label_accuracy`, errors included. With groups, the
        partition is drawn at random within each.

    Returns
    -------
    chance : float in [0, 1]
        At least the share of the largest class if no sample is set aside.

    Notes
    -----
    The class counts in a random cluster follow a multivariate hypergeometric law, and
    the cluster gets its largest count right. The expectation of that count is the sum
    over t of P(largest count > t). Given their sum, binomial counts with one success
    probability follow that very law, so P(every count <= t) is a convolution of
    binomial laws cut at t.

    Examples
    --------
    >>> from sklearn_baccaec.metrics import chance_majority_label_accuracy
    >>> round(chance_majority_label_accuracy([0, 0, 1, 1], [0, 0, 1, 1]), 4)
    0.6667
    """
    true, pred, group = _encode(labels_true, labels_pred, groups)
    right = [
        _expected_dominated(true[group == code], pred[group == code])
        for code in range(group.max() + 1)
    ]
    return sum(right) / len(true)


def adjusted_majority_label_accuracy(
    labels_true: ArrayLike, labels_pred: ArrayLike
) -> float:
    """Majority-label accuracy adjusted for chance.

    Unlike the accuracy itself it does not rise with the number of clusters alone.

    Parameters
    ----------
    labels_true, labels_pred : array-like of shape (n_samples,)
        As for :func:`majority_label_accuracy`, errors included.

    Returns
    -------
    adjusted : float, at most 1
        ``(accuracy - chance) / (1 - chance)``: 1 for pure clusters, about 0 for random
        ones, below 0 for worse; 0 too where chance is 1: a single class, or one sample
        per cluster.

    Examples
    --------
    >>> from sklearn_baccaec.metrics import adjusted_majority_label_accuracy
    >>> adjusted_majority_label_accuracy([0, 0, 1, 1], [7, 7, 3, 3])
    1.0
    >>> adjusted_majority_label_accuracy([0, 0, 1, 1], [0, 1, 2, 3])
    0.0
    """
    chance = chance_majority_label_accuracy(labels_true, labels_pred)
    if 1 - chance < 1e-10:
        return 0.0
    return (majority_label_accuracy(labels_true, labels_pred) - chance) / (1 - chance)


def _encode(
    labels_true: ArrayLike, labels_pred: ArrayLike, groups: ArrayLike | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Codes 0, 1, ... of class, cluster (-1: set aside) and group of known samples."""
    true = pd.Series(column_or_1d(labels_true))
    pred = pd.Series(column_or_1d(labels_pred))
    group = pd.Series(np.zeros(len(true)) if groups is None else column_or_1d(groups))
    check_consistent_length(true, pred, group)
    known = true.notna() & (true != -1)
    if not known.any():
        raise ValueError("no true label is known: all of them are -1 or missing")
    pred = pred[known]
    return (
        pd.factorize(true[known])[0],
        pd.factorize(pred.where(pred != -1))[0],
        pd.factorize(group[known], use_na_sentinel=False)[0],
    )


def _expected_dominated(true: np.ndarray, pred: np.ndarray) -> float:
    """Mean count of dominated samples in random clusters of the sizes in ``pred``."""
    class_counts = np.bincount(true)
    sizes, repeats = np.unique(np.bincount(pred[pred >= 0]), return_counts=True)
    expected = [_expected_largest_count(class_counts, size) for size in sizes]
    return float(np.dot(expected, repeats))


def _expected_largest_count(class_counts: np.ndarray, size: int) -> float:
    """Mean of the largest class count among `size` samples drawn without return."""
    n_samples = class_counts.sum()
    # Below `low` some class surely exceeds t, at `high` and above surely none does.
    lows, highs = hypergeom.interval(1 - _TAIL, n_samples, class_counts, size)
    low, high = int(lows.max()), int(highs.max())
    limits = np.arange(low, high)[:, np.newaxis]  # (n_limits, 1)
    counts = np.arange(high + 1)

    # The convolution of all classes, for all limits at once. The length leaves room
    # for the largest sum; the division is safe, as `size` is the mode of its law.
    length = next_fast_len(int(np.minimum(class_counts, high).sum()) + 1, real=True)
    spectrum = np.ones(length // 2 + 1, dtype=complex)
    for class_count in class_counts:
        law = binom.pmf(counts, class_count, size / n_samples)
        spectrum = spectrum * rfft(np.where(counts <= limits, law, 0.0), length)
    none_exceeds = irfft(spectrum, length)[:, size] / binom.pmf(
        size, n_samples, size / n_samples
    )
    return low + float(np.clip(1 - none_exceeds, 0, 1).sum())
