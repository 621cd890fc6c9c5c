"""Films: reading them from disk, and making them with known truth."""

from ._films import FilmError, read_film
from ._radiographs import load_radiographs
from ._synthetic import make_hand_radiographs

__all__ = ["FilmError", "load_radiographs", "make_hand_radiographs", "read_film"]
