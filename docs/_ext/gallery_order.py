"""The order of the examples: from the whole method to its parts, then the paper."""

from pathlib import Path

SECTIONS = ("start", "own_films", "inside", "paper")

_ORDER = (
    "plot_quick_start",
    "plot_months_without_labels",
    "plot_landmarks",
    "plot_few_labels",
    "plot_unseen_films",
    "plot_agreement",
    "plot_pipeline",
    "plot_ccaec",
    "plot_hybrid",
    "plot_region_search",
    "plot_distributed",
    "plot_paper_table1",
    "plot_paper_table2",
    "plot_paper_table3",
    "plot_paper_table4",
    "plot_paper_fig06",
    "plot_paper_fig10",
)


class ReadingOrder:
    """Sort key of file names; examples that have no place stand last.

    Parameters
    ----------
    src_dir : str
        Folder of the examples; unused.
    """

    def __init__(self, src_dir: str) -> None:
        self.src_dir = src_dir

    def __call__(self, filename: str) -> tuple[int, str]:
        """Place of an example, and its name."""
        name = Path(filename).stem
        place = _ORDER.index(name) if name in _ORDER else len(_ORDER)
        return place, name

    def __repr__(self) -> str:
        """Without an address, so that nothing looks changed at the next build."""
        return f"<{type(self).__name__}>"
