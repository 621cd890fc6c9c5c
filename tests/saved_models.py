"""What tests of saved models share."""

import numpy as np
import pandas as pd


def check_same(loaded, model, films):
    """Both say the same of films."""
    X, y, sex = films.data, films.target, films.sex
    found, wanted = loaded.examine(X), model.examine(X)
    for name in ("latents", "labels", "maturity", "seen"):
        np.testing.assert_array_equal(found[name], wanted[name])
    named = [each.named_clusterer_ for each in (loaded, model)]
    tables = [each.assign(wanted.latents, sex=sex) for each in named]
    pd.testing.assert_frame_equal(*tables, check_exact=True)
    scores = [each.score(wanted.latents, y, sex=sex) for each in named]
    assert scores[0] == scores[1]
    for name in ("assignments_", "cluster_table_", "cluster_table_by_sex_"):
        pd.testing.assert_frame_equal(getattr(loaded, name), getattr(model, name))
    assert list(loaded.get_feature_names_out()) == list(model.get_feature_names_out())
