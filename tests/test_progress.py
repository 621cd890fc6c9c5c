"""Progress bars: none for what takes no time."""

from __future__ import annotations

import time

import pytest
from joblib import delayed

from sklearn_baccaec._utils.parallel import run_tasks


@pytest.mark.parametrize(("seconds", "shown"), [(0.0, False), (0.3, True)])
def test_a_bar_appears_where_there_is_time_to_look(capsys, seconds, shown):
    tasks = [delayed(time.sleep)(seconds) for _ in range(8)]
    assert len([*run_tasks(tasks, "naps", n_jobs=1, verbose=1)]) == 8
    printed = capsys.readouterr().err
    assert ("naps" in printed) == shown
    assert [*run_tasks(tasks[:1], "naps", n_jobs=1, verbose=0)] == [None]
    assert "naps" not in capsys.readouterr().err
