"""Ages and clusters that the tests of the charts share, and how they read a chart."""

from __future__ import annotations

import numpy as np
from matplotlib.colors import to_rgb
from sklearn.model_selection import GridSearchCV

N_FILMS = 80


def make_ages():
    """80 ages in months; the first two are unknown."""
    months = np.random.default_rng(0).integers(24, 217, N_FILMS).astype(float)
    months[:2] = np.nan
    return months


def make_labels(ages):
    """Six clusters that follow age, and three films set aside."""
    noise = np.random.default_rng(1).normal(0, 12, N_FILMS)
    clusters = np.clip((np.nan_to_num(ages, nan=100) + noise - 24) // 32, 0, 5)
    clusters[5:8] = -1
    return np.where(clusters >= 0, (clusters + 2) % 6, -1).astype(int)


def forget_ages(target):
    """Ages of the films, of which two are unknown."""
    months = target.astype(float)
    months[[1, 4]] = np.nan
    return months


def found_by_search(model):
    """Return a search as if it had found a fitted model."""
    search = GridSearchCV(model, {"n_clusters": [model.n_clusters]})
    search.best_estimator_ = model
    return search


def lightness(colours):
    return np.array([to_rgb(colour) for colour in colours]) @ [0.299, 0.587, 0.114]


def bars_of(display):
    """Lengths of the bars, one array per interval."""
    return [np.array(bars.datavalues) for bars in display.bars_]


def legend_of(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def ticks_of(axis):
    return [label.get_text() for label in axis.get_ticklabels()]
