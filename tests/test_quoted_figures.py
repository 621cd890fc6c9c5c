"""Figures on the pages are those of the tables, and no page has figures of its own."""

import re

import pytest
from benchmarks.pages.filling import BLOCK, PAGES, fill
from benchmarks.pages.tables import FOLDER

if not all(page.exists() for page in PAGES):
    pytest.skip("there are no pages beside these tests", allow_module_level=True)

QUOTING = [page for page in PAGES if page.name != "performance.md"]
FENCE = re.compile(r"```.*?```", re.DOTALL)
FIGURE = re.compile(r"\d+(?:\.\d+)?%|\d+\.\d+ months")
PROTOCOL = {"80%", "60%", "40%", "5%"}  # ranges, splits, what counts as near


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_blocks_are_what_the_tables_say(page):
    text = page.read_text()
    assert BLOCK.search(text)
    assert fill(text) == text, "run python tests/benchmarks/fill_pages.py"


def test_another_figure_is_noticed():
    page = next(page for page in PAGES if page.name == "index.rst").read_text()
    (number,) = re.findall(r"\*\*(\d+\.\d) off", page)
    assert fill(page.replace(number, "0.1")) == page


@pytest.mark.parametrize("page", QUOTING, ids=lambda page: page.name)
def test_no_figure_stands_outside_a_block(page):
    own = FENCE.sub("", BLOCK.sub("", page.read_text()))
    assert set(FIGURE.findall(own)) <= PROTOCOL


def test_readme_says_of_every_table_how_it_came_about():
    told = (FOLDER / "README.md").read_text()
    for table in FOLDER.rglob("*.csv"):
        name = table.relative_to(FOLDER).with_suffix("").as_posix()
        assert table.stem in told or name.startswith("paper/"), name
