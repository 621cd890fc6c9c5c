"""Every cached function has a version, which follows the code that it can reach."""

import importlib
import re
import shutil
from pathlib import Path

import pytest
import sklearn
from sklearn.decomposition import PCA

import sklearn_baccaec
from sklearn_baccaec import CCAEC
from sklearn_baccaec._utils.code_version import code_version, reached_code_version
from sklearn_baccaec.encoders._fingerprint import fingerprint

ROOT = Path(sklearn_baccaec.__file__).parent
# What each cached function calls, and code in the depths of it.
CACHED = {
    "regions._crops": ["regions/_hand_pose.py", "films/_dicom.py"],
    "regions.landmarking._hand_locator": ["nn/_heatmap_network.py"],
    "regions.landmarking._training": ["nn/_heatmap_training.py"],
    "encoders._ccaec": ["nn/_fourier.py", "encoders/_autoencoder.py"],
    "encoders._hog_components": ["_oriented_gradients.py", "_utils/blocks.py"],
}


@pytest.fixture
def copy(tmp_path):
    return shutil.copytree(
        ROOT, tmp_path / "package", ignore=lambda *_: ["__pycache__"]
    )


@pytest.mark.parametrize(
    ("module", "depth"),
    [(m, depth) for m, depths in CACHED.items() for depth in depths],
)
def test_a_change_in_the_depths_changes_the_version(copy, tmp_path, module, depth):
    before = reached_code_version(copy, module)
    assert before == reached_code_version(ROOT, module)
    changed = copy.rename(tmp_path / "changed")
    with (changed / depth).open("a") as file:
        file.write("_STRETCH = 2\n")
    assert reached_code_version(changed, module) != before


@pytest.mark.parametrize("module", CACHED)
def test_what_is_never_reached_changes_nothing(copy, module):
    (copy / "plotting" / "_styles.py").write_text("")
    assert reached_code_version(copy, module) == reached_code_version(ROOT, module)


def test_code_of_other_packages_has_their_version(monkeypatch):
    assert code_version(PCA) == sklearn.__version__
    before = fingerprint(PCA(2))
    monkeypatch.setattr(sklearn, "__version__", "99.0")
    assert fingerprint(PCA(2)) != before


def test_code_of_a_users_own_module(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    path = tmp_path / "own_encoders_of_a_user.py"
    path.write_text("class Encoder:\n    size = 1\n")
    own = importlib.import_module(path.stem)
    before = code_version(own.Encoder)
    assert before == code_version(own.Encoder) != ""
    path.write_text("class Encoder:\n    size = 2\n")
    assert code_version(own.Encoder) != before
    monkeypatch.delattr(own, "__file__")  # as __main__ in a notebook
    assert code_version(own.Encoder) == ""


def test_keys_of_encoders_hold_the_version(monkeypatch):
    before = fingerprint(CCAEC())
    module = "sklearn_baccaec.encoders._fingerprint.code_version"
    monkeypatch.setattr(module, lambda called: "of other code")
    assert fingerprint(CCAEC()) != before


def test_no_function_is_cached_without_a_version():
    """Whoever caches a further function adds it to `CACHED` above."""
    calls = {
        path.relative_to(ROOT).as_posix(): len(
            re.findall(r"emory(?:\(.*\))?\.cache\(", code)
        )
        for path in ROOT.rglob("*.py")
        if path.name != "parallel.py" and "emory" in (code := path.read_text())
    }
    assert {path: n for path, n in calls.items() if n} == {
        "encoders/_region_encoder.py": 1,  # of two functions
        "regions/_crops.py": 1,
        "regions/landmarking/_hand_locator.py": 1,
        "regions/landmarking/_training.py": 1,
    }


def test_keys_of_encoders_follow_the_classes_they_inherit_from(monkeypatch):
    class Mine(CCAEC):
        """An encoder of one's own."""

    before = fingerprint(Mine())
    module = "sklearn_baccaec._utils.code_version.reached_code_version"
    monkeypatch.setattr(module, lambda *_: "of other code")
    assert fingerprint(Mine()) != before
