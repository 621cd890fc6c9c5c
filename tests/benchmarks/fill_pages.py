"""Fill the figures on the pages from the tables in results, and draw the charts.

    python tests/benchmarks/fill_pages.py

To be run whenever a benchmark has written its tables.
"""

from pages.charts import draw_charts
from pages.filling import PAGES, ROOT, fill


def main() -> None:
    for path in PAGES:
        path.write_text(fill(path.read_text()))
    draw_charts(ROOT / "docs" / "images")


if __name__ == "__main__":
    main()
