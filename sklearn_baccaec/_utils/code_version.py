"""Versions of cached functions: whatever changes in their code changes their keys."""

import hashlib
import re
import sys
from functools import cache
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).parents[1]
_IMPORT = re.compile(r"^\s*from (\.+)([\w.]*) import (\([^)]*\)|[^\n(]+)", re.MULTILINE)


def code_version(called: Any) -> str:
    """Digest of all code of this package that a function, or a class, can reach.

    That is the module where it is defined, those that it imports, and so on. For what
    another package defines, it is the version of that package, and where it has none,
    as a user's script, the code of the module; "" where that is not a file.
    """
    package, _, module = called.__module__.partition(".")
    if package != _ROOT.name:
        version = getattr(sys.modules.get(package), "__version__", None)
        return _file_digest(called.__module__) if version is None else str(version)
    return reached_code_version(_ROOT, module)


def _file_digest(module: str) -> str:
    path = getattr(sys.modules.get(module), "__file__", None)
    if path is None or not Path(path).is_file():
        return ""
    return hashlib.blake2b(Path(path).read_bytes(), digest_size=16).hexdigest()


@cache
def reached_code_version(root: Path, module: str) -> str:
    """Digest of a module's code, and of all that it imports from the same package.

    ``root`` is the package's folder, ``module`` a name such as "regions._crops".
    """
    digest = hashlib.blake2b(digest_size=16)
    for path in sorted(_reach(root, _locate(root / module.replace(".", "/")))):
        digest.update(path.relative_to(root).as_posix().encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _reach(root: Path, start: set[Path]) -> set[Path]:
    """Files of modules, and of what they import; the root's own names are lazy."""
    found: set[Path] = set()
    left = set(start)
    while left:
        path = left.pop()
        found.add(path)
        left |= _imported(path) - found - {root / "__init__.py"}
    return found


def _imported(path: Path) -> set[Path]:
    """Files of the modules, and of the packages, that a module imports by dots."""
    found = set()
    for dots, module, names in _IMPORT.findall(path.read_text(encoding="utf-8")):
        where = path.parents[len(dots) - 1].joinpath(*filter(None, module.split(".")))
        found |= _locate(where)
        for name in re.findall(r"\w+", names):
            found |= _locate(where / name)
    return found


def _locate(where: Path) -> set[Path]:
    """File of a module or of a package, or none where it is neither."""
    candidates = (where.with_name(f"{where.name}.py"), where / "__init__.py")
    return {path for path in candidates if path.is_file()}
