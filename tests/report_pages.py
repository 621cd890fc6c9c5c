"""What a browser without scripts would find on the page of a report."""

import re
from collections import defaultdict
from html.parser import HTMLParser
from pathlib import Path

_EMPTY = {"meta", "img", "br", "link", "input", "circle", "polyline"}


class ReportPage(HTMLParser):
    """The parts of a page, read from its file.

    sections: text by the id of the heading; tables: rows of cells by caption;
    figures: values by label, by heading; captions: texts of the films and charts;
    images: pairs of address and alternative text; tags: all elements in order, with
    their attributes.
    """

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.source = path.read_text(encoding="utf-8")
        self.sections = defaultdict(str)
        self.tables, self.figures = {}, defaultdict(dict)
        self.captions, self.images, self.tags = [], [], []
        self._open, self._section, self._heading, self._label = [], "", "", ""
        self.feed(self.source)
        self.close()
        assert not self._open

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.tags.append((tag, attributes))
        if tag == "img":
            self.images.append((attributes["src"], attributes["alt"]))
        if tag == "h2":
            self._section = attributes["id"]
        if tag == "h3":
            self._heading = ""
        if tag == "table":
            self._rows, self._caption = [], ""
        if tag == "tr":
            self._rows.append([])
        if tag in ("td", "th"):
            self._rows[-1].append("")
        if tag == "dt":
            self._label = ""
        if tag == "figcaption":
            self.captions.append("")
        if tag == "br" and "figcaption" in self.open:
            self.captions[-1] += "\n"
        if tag not in _EMPTY:
            self._open.append((tag, attributes))

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self._open.pop()[0] == tag
        if tag == "table":
            self.tables[self._caption] = self._rows

    def handle_data(self, data):
        if {"style", "script"} & {*self.open} or not data.strip():
            return
        text = " ".join(data.split())
        self.sections[self._section] += f"{text} "
        if "caption" in self.open:
            self._caption += text
        elif "td" in self.open or "th" in self.open:
            self._rows[-1][-1] += text
        elif "figcaption" in self.open:
            self.captions[-1] += text
        elif "h3" in self.open:
            self._heading += text
        elif "dt" in self.open:
            self._label += text
        elif ("dd", {"class": "value"}) in self._open:
            self.figures[self._heading][self._label] = text

    @property
    def open(self):
        return [tag for tag, _ in self._open]

    @property
    def bare(self) -> str:
        """The source without the images in it."""
        return re.sub(
            r"data:image/[a-z+]+;base64,[A-Za-z0-9+/=]*", "data:", self.source
        )

    def table(self, caption):
        """A table as values by the first cell of each row."""
        return {row[0]: row[1:] for row in self.tables[caption]}
