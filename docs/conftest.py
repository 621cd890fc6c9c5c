"""How the code on the pages is tested."""

import pytest

collect_ignore = ["conf.py"]  # Sphinx's, which need not be installed


@pytest.fixture(autouse=True)
def somewhere_else(tmp_path, monkeypatch):
    """Let pages that write files write them where nobody looks."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture(autouse=True)
def no_windows():
    """Draw without a screen, and keep no figure."""
    plt = pytest.importorskip("matplotlib.pyplot")
    plt.switch_backend("agg")
    yield
    plt.close("all")
