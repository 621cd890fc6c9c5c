"""Models in files that can run no code."""

from ._container import foreign_types, pack, read, refusing
from ._plain_model import from_plain, to_plain

__all__ = ["foreign_types", "from_plain", "pack", "read", "refusing", "to_plain"]
