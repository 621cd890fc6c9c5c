"""How tests of displays read what is drawn, and make what they draw from."""

import numpy as np
from matplotlib.colors import to_rgb
from sklearn.model_selection import GridSearchCV


def found_by_search(model):
    """Return a search as if it had found a fitted model."""
    search = GridSearchCV(model, {"n_clusters": [model.n_clusters]})
    search.best_estimator_ = model
    return search


def titles_of(display):
    return [ax.get_title() for ax in display.axes_.flat]


def lightness(colours):
    return np.array([to_rgb(colour) for colour in colours]) @ [0.299, 0.587, 0.114]


def bars_of(display):
    """Lengths of the bars, one array per interval."""
    return [np.array(bars.datavalues) for bars in display.bars_]


def legend_of(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def ticks_of(axis):
    return [label.get_text() for label in axis.get_ticklabels()]
