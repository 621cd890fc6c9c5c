"""The paper's printed tables, to stand beside one's own."""

import pandas as pd
from sklearn.utils import Bunch

_INTERVALS = ["24-72", "72-120", "120-168", "168-216"]
_TABLE_1 = [
    (0, 2, 8, 25), (0, 4, 50, 13), (9, 63, 9, 0), (0, 3, 10, 48), (2, 35, 32, 0),
    (38, 5, 1, 0), (0, 0, 28, 38), (0, 10, 62, 7), (0, 0, 10, 52), (4, 2, 1, 0),
    (59, 6, 0, 0), (0, 0, 7, 90), (55, 15, 0, 0), (1, 10, 35, 3), (21, 2, 0, 0),
    (22, 56, 7, 0),
]  # fmt: skip
_TABLE_2 = {
    (2, 5, 8, 11, 17, 19): 72.08,
    (2, 5, 8, 11, 16, 19): 73.33,
    (2, 5, 8, 11, 16, 17, 19): 76.15,
    (2, 5, 6, 7, 8, 11, 14, 17, 18, 19): 69.69,
    (3, 4): 49.48,
}
_TABLE_3 = {  # clusters: accuracy, "MAE"
    4: (64.27, 98.25), 8: (67.81, 67.18), 16: (76.15, 35.7),
    24: (74.06, 28.0), 32: (74.90, 28.22), 64: (76.88, 17.38),
}  # fmt: skip
_TABLE_4 = {  # region: accuracy of the VAE, of the CCAEC
    1: (47.81, 51.35), 2: (52.19, 58.13), 3: (42.71, 47.71), 4: (46.56, 49.58),
    5: (51.04, 52.3), 6: (48.44, 46.04), 7: (46.25, 50.63), 8: (48.96, 57.50),
    9: (40.52, 45.83), 10: (47.29, 51.15), 11: (50.10, 54.06), 12: (40.63, 41.04),
    13: (43.65, 49.58), 14: (47.81, 52.29), 16: (58.02, 65.0), 17: (53.65, 61.77),
    18: (44.90, 47.92), 19: (60.73, 65.42),
}  # fmt: skip


def load_paper_results() -> Bunch:
    """Load the tables that the paper prints.

    All accuracies are majority-label accuracies on 960 films, in-sample: the same
    films were encoded, clustered, gave the clusters their names and were scored.

    Returns
    -------
    tables : :class:`~sklearn.utils.Bunch`
        table_1 : DataFrame of shape (16, 4)
            Films of each interval (in months) in each cluster.
        table_2 : Series of shape (5,)
            Accuracy, in [0, 1], by region set (tuples of the paper's numbers), as in
            ``table_2[(3, 4)]``.
        table_3 : DataFrame of shape (6, 2)
            ``accuracy``, in [0, 1], and ``mae`` by number of clusters. The paper's
            "MAE" cannot be an error in months: a constant guess scores about 48.
        table_4 : DataFrame of shape (18, 2)
            Accuracy, in [0, 1], of each single region (by the paper's number) with
            ``vae`` and ``ccaec``; region 15 is missing in the paper.

    Notes
    -----
    Table 1 adds up to 731 of 960 films, 76.15%; the accuracies that it prints for
    single clusters are rounded or cut. Its chance level, 32.4%, is not in
    the paper: see :func:`~sklearn_baccaec.metrics.chance_majority_label_accuracy`.

    References
    ----------
    arXiv:2206.05641, Tables 1 to 4.

    Examples
    --------
    >>> from sklearn_baccaec.datasets import load_paper_results
    >>> paper = load_paper_results()
    >>> print(f"{paper.table_3.loc[16, 'accuracy']:.2%}")
    76.15%
    >>> int(paper.table_1.max(axis=1).sum()), int(paper.table_1.to_numpy().sum())
    (731, 960)
    """
    clusters = pd.RangeIndex(len(_TABLE_1), name="cluster")
    table_2 = pd.Series(_TABLE_2.values(), list(_TABLE_2), name="accuracy")
    numbers = pd.Index(list(_TABLE_3), name="n_clusters")
    table_3 = pd.DataFrame(_TABLE_3.values(), numbers, ["accuracy", "mae"])
    regions = pd.Index(list(_TABLE_4), name="region")
    table_4 = pd.DataFrame(_TABLE_4.values(), regions, ["vae", "ccaec"])
    return Bunch(
        table_1=pd.DataFrame(_TABLE_1, clusters, _INTERVALS),
        table_2=table_2.div(100).round(4),
        table_3=table_3.assign(accuracy=table_3["accuracy"].div(100).round(4)),
        table_4=table_4.div(100).round(4),
    )
