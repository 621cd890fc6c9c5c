"""Films to work on: folders of your own, drawn ones with known truth."""

from ._paper_results import load_paper_results
from ._radiographs import load_radiographs
from ._synthetic import make_hand_radiographs

__all__ = ["load_paper_results", "load_radiographs", "make_hand_radiographs"]
