"""Films: reading them from files of every format, one at a time, and what is wrong."""

from ._checks import FilmError
from ._reading import read_film

__all__ = ["FilmError", "read_film"]
