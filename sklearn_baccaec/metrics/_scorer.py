from typing import Any

from numpy.typing import ArrayLike

from .._utils.docstrings import fill_docstrings
from .._utils.validation import check_ages, check_sexes, sex_by_keyword
from .._utils.wrapped import interval_settings
from ._intervals import assign_age_intervals
from ._majority_label import majority_label_accuracy


@sex_by_keyword
@fill_docstrings
def majority_label_scorer(
    estimator: Any, X: Any, y: ArrayLike, *, sex: Any = None
) -> float:
    """Score a fitted clusterer by the figure of arXiv:2206.05641, section 4.1.

    The films are clustered with ``estimator.predict``, and the clusters are named by
    the bone ages of these same films.

    Parameters
    ----------
    {clusterer_and_films}
    {ages}
        Films of unknown age or outside the range are left out.
    {sex}
        With it, each cluster has a name for each sex, and the chance level is higher.

    Returns
    -------
    accuracy : float in [0, 1]
        Share of films in the interval of their cluster; those set aside are wrong.

    Raises
    ------
    ValueError
        If y or sex is not one per film, or no age lies within the range.

    See Also
    --------
    chance_majority_label_accuracy : What a random partition reaches.

    Notes
    -----
    The scored films name the clusters, so this is not a held-out accuracy, even under
    cross-validation; the estimator's own ``score`` is. It rises to 1 with one film per
    cluster: do not choose the number of clusters by it.

    Examples
    --------
    >>> from sklearn.cluster import KMeans
    >>> from sklearn.model_selection import GridSearchCV
    >>> from sklearn_baccaec.metrics import majority_label_scorer
    >>> X, y = [[0.0], [0.1], [5.0], [5.1]], [30, 40, 180, 200]
    >>> majority_label_scorer(KMeans(2, random_state=0).fit(X), X, y)
    1.0
    >>> search = GridSearchCV(
    ...     KMeans(random_state=0),
    ...     {"n_clusters": [1, 2]},
    ...     scoring=majority_label_scorer,
    ...     cv=[([0, 1, 2, 3], [0, 1, 2, 3])],
    ... )
    >>> search.fit(X, y).cv_results_["mean_test_score"]
    array([0.5, 1. ])
    """
    labels = estimator.predict(X)
    ages = check_ages(y, n_samples=len(labels))
    intervals = assign_age_intervals(ages, **interval_settings(estimator))
    groups = None if sex is None else check_sexes(sex, len(labels))
    return majority_label_accuracy(intervals, labels, groups)
