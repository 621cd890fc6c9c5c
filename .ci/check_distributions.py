"""Check what the wheel and the source distribution in a folder hold."""

import sys
import tarfile
import zipfile
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).parents[1]
PICTURES = {".png", ".jpg", ".jpeg", ".tif", ".tiff", ".dcm", ".gif", ".webp"}
LARGEST = 3_000_000  # bytes; half of it are the landmark networks


def check(members: set[PurePosixPath], needed: set[str], where: str) -> None:
    """Check that the needed files are there, and nothing that only a checkout has."""
    names = {str(member) for member in members}
    assert not needed - names, f"{where} lacks {sorted(needed - names)}"
    for member in members:
        is_cache = any(
            part == "__pycache__" or part.startswith(".") for part in member.parts
        )
        is_film = member.suffix in PICTURES and member.parts[:2] != ("docs", "images")
        assert not is_cache and not is_film, f"{where} has {member}"


def main(folder: Path) -> None:
    """Check both of the distributions that were built into a folder."""
    [wheel], [sdist] = folder.glob("*.whl"), folder.glob("*.tar.gz")
    package = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "sklearn_baccaec").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert {
        "sklearn_baccaec/py.typed",
        "sklearn_baccaec/regions/landmarking/rsna.npz",
    } <= package

    members = {PurePosixPath(name) for name in zipfile.ZipFile(wheel).namelist()}
    roots = {member.parts[0] for member in members}
    assert all(root.startswith("sklearn_baccaec") for root in roots), roots
    check(members, package, wheel.name)

    with tarfile.open(sdist) as archive:
        files = [member.name for member in archive.getmembers() if member.isfile()]
    members = {PurePosixPath(*PurePosixPath(name).parts[1:]) for name in files}
    members.discard(PurePosixPath(".gitignore"))  # hatchling's own
    beside = {"README.md", "LICENSE", "pyproject.toml", "docs/conf.py"}
    beside |= {"tests/conftest.py", "examples/start/plot_quick_start.py"}
    check(members, package | beside, sdist.name)

    for distribution in (wheel, sdist):
        size = distribution.stat().st_size
        print(f"{distribution.name}: {size / 1e6:.1f} MB")
        assert size < LARGEST, f"{distribution.name} is too large"


if __name__ == "__main__":
    main(Path(sys.argv[1]))
