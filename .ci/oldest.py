"""Print pip constraints: the oldest version that pyproject.toml allows of each package.

All that running and testing the package needs, but for torch, whose oldest supported
version is the one that README installs.
"""

import re
import tomllib
from pathlib import Path

PYPROJECT = Path(__file__).parents[1] / "pyproject.toml"


def collect(requirements: list[str], extras: dict[str, list[str]]) -> dict[str, str]:
    """Lower bounds by package; an extra that names other extras has theirs too."""
    bounds = {}
    for requirement in requirements:
        name, named, bound = re.fullmatch(
            r"([\w-]+)(?:\[([\w,-]+)\])?(?:>=([\d.]+))?", requirement
        ).groups()
        if name == "sklearn-baccaec":
            for extra in named.split(","):
                bounds |= collect(extras[extra], extras)
        else:
            bounds[name] = bound
    return bounds


if __name__ == "__main__":
    project = tomllib.loads(PYPROJECT.read_text())["project"]
    extras = project["optional-dependencies"]
    bounds = collect([*project["dependencies"], *extras["test"]], extras)
    del bounds["torch"]
    for name, bound in sorted(bounds.items()):
        print(f"{name}=={bound}.*")
