"""What files call the classes of this package, whatever module they are in."""

import importlib
from collections.abc import Iterator
from typing import Any

from ..cluster._axis_ages import AxisAges
from ..cluster._cluster_names import ClusterNames
from ..maturity._curve_months import CurveMonths
from ..maturity._region_curves import RegionCurves

_PACKAGE = __name__.partition(".")[0]
# Beside the public estimators, which are found by themselves. The names stand in files:
# a class may move, or be called otherwise, but its row stays.
_PARTS = {
    "AxisAges": AxisAges,
    "ClusterNames": ClusterNames,
    "CurveMonths": CurveMonths,
    "RegionCurves": RegionCurves,
}


def write_names(schema: Any) -> set[str]:
    """Take the modules out of what skops wrote; returns the classes' full names."""
    full_names = set()
    for node in _nodes_of_package(schema):
        module, name = node["__module__"], node["__class__"]
        if getattr(_find_class(name), "__module__", None) != module:
            raise TypeError(f"{module}.{name} has no name in files")
        node["__module__"] = _PACKAGE
        full_names.add(f"{module}.{name}")
    return full_names


def read_names(schema: Any) -> set[str]:
    """Put in the modules of today, for skops; returns the classes' full names."""
    full_names = set()
    for node in _nodes_of_package(schema):
        module, name = node["__module__"], node["__class__"]
        kind = _find_class(name) if module == _PACKAGE else None
        if kind is None:
            raise ValueError(f"{module}.{name} is not known in this version")
        node["__module__"], node["__class__"] = kind.__module__, kind.__name__
        full_names.add(f"{kind.__module__}.{kind.__name__}")
    return full_names


def _find_class(name: str) -> type | None:
    package = importlib.import_module(_PACKAGE)
    public = getattr(package, name) if name in package.__all__ else None
    kind = _PARTS.get(name, public)
    return kind if isinstance(kind, type) else None


def _nodes_of_package(schema: Any) -> Iterator[dict[str, Any]]:
    rest = [schema]
    while rest:
        node = rest.pop()
        if isinstance(node, list):
            rest += node
        elif isinstance(node, dict):
            rest += node.values()
            if str(node.get("__module__")).partition(".")[0] == _PACKAGE:
                yield node
