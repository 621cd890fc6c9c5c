"""Films to work on, of your own or drawn, and the tables that go with them."""

from ._atlas_plate import draw_atlas_plate
from ._paper_results import load_paper_results
from ._radiographs import load_radiographs
from ._sex_scale import from_girls_months, to_girls_months
from ._synthetic import make_hand_radiographs

__all__ = [
    "draw_atlas_plate",
    "from_girls_months",
    "load_paper_results",
    "load_radiographs",
    "make_hand_radiographs",
    "to_girls_months",
]
