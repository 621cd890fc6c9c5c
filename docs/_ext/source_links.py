"""Links from the reference to the code, where the repository's address is known."""

import inspect
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[2]


def find_repository() -> str:
    """Address of the repository's web pages, or "" if nothing tells it.

    It is told by the environment variable SKLEARN_BACCAEC_REPOSITORY, by the
    project's URLs, or by the remote that was cloned.
    """
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    urls = {name.lower(): url for name, url in project.get("urls", {}).items()}
    candidates = (
        os.environ.get("SKLEARN_BACCAEC_REPOSITORY", ""),
        *(urls.get(name, "") for name in ("source", "repository", "homepage")),
        _git("remote", "get-url", "origin"),
    )
    for address in candidates:
        # Credentials that a remote may carry are no part of it.
        match = re.fullmatch(r"https?://(?:[^@/]*@)?(.+?)(?:\.git)?/?", address)
        if match:
            return f"https://{match[1]}"
    return ""


def make_resolver(repository: str) -> Callable[[str, dict], str | None]:
    """Make the ``linkcode_resolve`` that finds the lines of a public name."""
    revision = _git("rev-parse", "HEAD") or "main"

    def linkcode_resolve(domain: str, info: dict) -> str | None:
        if domain != "py" or not info["module"]:
            return None
        found = sys.modules.get(info["module"])
        try:
            for part in info["fullname"].split("."):
                found = getattr(found, part)
            found = inspect.unwrap(getattr(found, "fget", None) or found)
            path = Path(inspect.getsourcefile(found)).resolve().relative_to(ROOT)
            lines, first = inspect.getsourcelines(found)
        except (AttributeError, TypeError, ValueError, OSError):
            return None  # a constant, or inherited from another package
        last = first + len(lines) - 1
        return f"{repository}/blob/{revision}/{path.as_posix()}#L{first}-L{last}"

    return linkcode_resolve


def _git(*command: str) -> str:
    try:
        run = subprocess.run(
            ["git", *command], cwd=ROOT, capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError):
        return ""
    return run.stdout.strip()
