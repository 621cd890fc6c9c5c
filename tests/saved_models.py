"""What tests of saved models share."""

import numpy as np
import pandas as pd


def check_same(loaded, model, films):
    """Both say the same of films."""
    X, sex = films.data, films.sex
    np.testing.assert_array_equal(loaded.predict(X), model.predict(X))
    np.testing.assert_array_equal(loaded.transform(X), model.transform(X))
    np.testing.assert_array_equal(
        loaded.predict_interval(X, sex), model.predict_interval(X, sex)
    )
    for found, wanted in zip(
        loaded.predict_age(X, sex, return_quartiles=True),
        model.predict_age(X, sex, return_quartiles=True),
        strict=True,
    ):
        np.testing.assert_array_equal(found, wanted)
    pd.testing.assert_frame_equal(
        loaded.assign(X, sex), model.assign(X, sex), check_exact=True
    )
    if hasattr(model, "maturity_"):
        np.testing.assert_array_equal(
            loaded.predict_maturity(X), model.predict_maturity(X)
        )
    assert loaded.score(X, films.target, sex) == model.score(X, films.target, sex)
    assert list(loaded.get_feature_names_out()) == list(model.get_feature_names_out())
    pd.testing.assert_frame_equal(loaded.assignments_, model.assignments_)
    pd.testing.assert_frame_equal(loaded.cluster_table_, model.cluster_table_)
    pd.testing.assert_frame_equal(
        loaded.cluster_table_by_sex_, model.cluster_table_by_sex_
    )
