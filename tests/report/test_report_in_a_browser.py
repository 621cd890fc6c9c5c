"""The page in a real browser, without a network: it fits, and needs no scripts."""

import re
import shutil
import subprocess

import cv2
import numpy as np
import pytest

from sklearn_baccaec import LandmarkTable, load_pretrained
from sklearn_baccaec.report import write_sheet

CHROMIUM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))),
    None,
)
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium")

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND",
]
# A page of its own looks at the report, which needs no scripts, and may have none here.
WRAPPER = """<!DOCTYPE html><title></title>
<iframe src="{address}" {sandbox} style="width: {width}px; height: 900px; border: 0"
  onload="const page = this.contentDocument;
    document.body.dataset.width = page.documentElement.scrollWidth;
    document.body.dataset.broken = [...page.images].filter(i => !i.naturalWidth).length;
    document.body.dataset.overflow =
      getComputedStyle(page.querySelector('.scrolling')).overflowX;
    document.querySelector('pre').textContent = page.body.innerText">
</iframe><pre></pre>"""
NO_SCRIPTS = 'sandbox="allow-same-origin"'


@pytest.fixture
def browse(tmp_path):
    def browse(*arguments):
        run = subprocess.run(
            [CHROMIUM, *FLAGS, f"--user-data-dir={tmp_path / 'profile'}", *arguments],
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        )
        return run.stdout

    return browse


@pytest.fixture
def look_at(browse, page_path, tmp_path):
    """Find what a window of this width shows."""

    def look(width, sandbox=""):
        wrapper, address = tmp_path / "wrapper.html", page_path.as_uri()
        text = WRAPPER.format(address=address, width=width, sandbox=sandbox)
        wrapper.write_text(text)
        dom = browse("--allow-file-access-from-files", "--dump-dom", wrapper.as_uri())
        found = dict(re.findall(r'data-(\w+)="(\w+)"', dom))
        return found, dom.partition("<pre>")[2]

    return look


def test_the_page_is_no_wider_than_the_window_and_needs_no_scripts(look_at):
    for width in (390, 1280):
        found, text = look_at(width)
        assert int(found["width"]) <= width
        assert found["broken"] == "0"
        assert found["overflow"] == "auto"
    assert "parameters and versions" in text
    assert text == look_at(1280, NO_SCRIPTS)[1]


# A page of its own clicks a header, and tells the films and how they are sorted.
CLICKER = """<!DOCTYPE html><title></title>
<iframe src="{address}"
  onload="const table = this.contentDocument.querySelector('table.films');
    const head = [...table.tHead.rows[0].cells].find(
      cell => cell.textContent === '{title}');
    for (let i = 0; i < {clicks}; i++) head.querySelector('button').click();
    document.body.dataset.sort = head.ariaSort;
    document.querySelector('pre').textContent = [...table.tBodies[0].rows].map(
      row => row.cells[head.cellIndex].textContent).join('|')">
</iframe><pre></pre>"""


@pytest.mark.parametrize(
    ("title", "clicks", "direction"),
    [
        ("Film", 1, "ascending"),
        ("Known age", 1, "ascending"),
        ("Known age", 2, "descending"),
        ("Error", 1, "ascending"),
        ("Age", 1, "descending"),  # by which it is sorted
    ],
)
def test_headers_sort_the_table(
    browse, page, page_path, tmp_path, title, clicks, direction
):
    clicker = tmp_path / "clicker.html"
    said = {"address": page_path.as_uri(), "title": title, "clicks": clicks}
    clicker.write_text(CLICKER.format(**said))
    dom = browse("--allow-file-access-from-files", "--dump-dom", clicker.as_uri())
    assert re.search(r'data-sort="(\w+)"', dom)[1] == direction
    found = re.search(r"<pre>(.*)</pre>", dom)[1].split("|")
    header, *rows = page.tables["Films"]
    cells = [row[header.index(title)] for row in rows]

    def key(cell):
        number = cell.removeprefix("film ").replace("\N{MINUS SIGN}", "-")
        return float(number)

    assert found == sorted(cells, key=key, reverse=direction == "descending")


def test_the_page_prints(browse, page_path, tmp_path):
    printed = tmp_path / "report.pdf"
    browse(f"--print-to-pdf={printed}", page_path.as_uri())
    content = printed.read_bytes()
    assert content.startswith(b"%PDF")
    assert len(re.findall(rb"/Type\s*/Page\b", content)) >= 3


@pytest.mark.parametrize("size", ["A4", "letter"])
def test_the_sheet_prints_on_one_page(browse, films, tmp_path, size):
    """With all it can hold: a long name, absent regions with their reason, an age."""
    film = tmp_path / ("long name" * 27 + ".png")
    film.write_bytes(cv2.imencode(".png", films.data[6])[1].tobytes())
    landmarks = np.dstack([films.landmarks[6:7], np.ones((1, 19))])
    landmarks[:, 11:16, 2] = 0.1
    model = load_pretrained(landmarker=LandmarkTable.from_films([film], landmarks))
    sheet = tmp_path / "sheet.html"
    with pytest.warns(UserWarning, match="uncertain"):
        write_sheet(model, film, sex="F", age=100, path=sheet)
    text = sheet.read_text("utf-8")
    assert "@page {" in text
    sheet.write_text(text.replace("@page {", f"@page {{ size: {size};", 2), "utf-8")
    printed = tmp_path / "sheet.pdf"
    browse(f"--print-to-pdf={printed}", sheet.as_uri())
    content = printed.read_bytes()
    width, height = re.search(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", content).groups()
    expected = {"A4": (595, 842), "letter": (612, 792)}[size]
    np.testing.assert_allclose([float(width), float(height)], expected, atol=1)
    assert len(re.findall(rb"/Type\s*/Page\b", content)) == 1
