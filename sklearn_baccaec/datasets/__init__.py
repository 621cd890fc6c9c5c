"""Films: reading them from disk, and making them with known truth."""

from ._examples import load_example_radiographs
from ._films import FilmError, read_film
from ._paper_results import load_paper_results
from ._radiographs import load_radiographs
from ._synthetic import make_hand_radiographs

__all__ = [
    "FilmError",
    "load_example_radiographs",
    "load_paper_results",
    "load_radiographs",
    "make_hand_radiographs",
    "read_film",
]
