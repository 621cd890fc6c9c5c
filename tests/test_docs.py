"""What the pages name exists, and what exists is named."""

import argparse
import ast
import importlib
import pkgutil
import re
from pathlib import Path

import pytest

import sklearn_baccaec
from sklearn_baccaec import _cli

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
LONGEST_EXAMPLE = 150  # lines; a reader wants one idea at a time
if not DOCS.is_dir():
    pytest.skip("there are no pages beside these tests", allow_module_level=True)

README = ROOT / "README.md"
MARKDOWN = [README, *DOCS.glob("*.md")]
PAGES = [
    page
    for page in DOCS.rglob("*.rst")
    if not {"_build", "_templates", "auto_examples", "generated"} & {*page.parts}
]
GUIDE = sorted((DOCS / "user_guide").glob("*.rst"))
EXAMPLES = sorted((ROOT / "examples").glob("*/plot_*.py"))
PACKAGES = ["sklearn_baccaec"] + [
    f"sklearn_baccaec.{module.name}"
    for module in pkgutil.iter_modules(sklearn_baccaec.__path__)
    if module.ispkg and not module.name.startswith("_")
]


def page_name(path):
    return path.relative_to(ROOT).as_posix()


def headings(markdown):
    """Anchors of the headings, as code hosts and MyST make them."""
    titles = re.findall(r"^#+ (.+)$", markdown.read_text(), re.MULTILINE)
    return {
        re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles
    }


@pytest.mark.parametrize("package", PACKAGES)
def test_reference_lists_every_public_name(package):
    reference = (DOCS / "api" / "index.rst").read_text()
    for name in importlib.import_module(package).__all__:
        entry = rf"^   {name}$|^\.\. py:data:: {name}$|``sklearn_baccaec\.{name}``"
        assert re.search(entry, reference, re.MULTILINE), name


def test_reference_lists_nothing_else():
    public = {name for p in PACKAGES for name in importlib.import_module(p).__all__}
    reference = (DOCS / "api" / "index.rst").read_text()
    listed = re.findall(r"^   (\w+)$|^\.\. py:data:: (\w+)$", reference, re.MULTILINE)
    assert {a or b for a, b in listed} - {"command_line"} <= public


def test_command_line_page_has_every_option():
    page = (DOCS / "api" / "command_line.rst").read_text()
    parser = _cli.make_parser()
    subparsers = next(
        action
        for action in parser._actions
        if isinstance(action, argparse._SubParsersAction)
    )
    for command, subparser in subparsers.choices.items():
        section = re.search(
            rf"^``baccaec {command}\b.*?(?=^``baccaec |\Z)",
            page,
            re.MULTILINE | re.DOTALL,
        )
        assert section, command
        for action in subparser._actions:
            for option in set(action.option_strings) - {"-h", "--help"}:
                assert f"``{option}" in section[0], f"{command} {option}"


@pytest.mark.parametrize("page", MARKDOWN, ids=page_name)
def test_markdown_links_lead_somewhere(page):
    links = re.findall(r"\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)", page.read_text())
    for path, anchor in links:
        target = (page.parent / path) if path else page
        assert target.exists(), path
        if anchor:
            assert anchor in headings(target), f"{path}#{anchor}"


@pytest.mark.parametrize("page", PAGES, ids=page_name)
def test_pages_link_to_examples_that_exist(page):
    linked = re.findall(r"sphx_glr_auto_examples_(\w+)\.py", page.read_text())
    assert set(linked) <= {f"{path.parent.name}_{path.stem}" for path in EXAMPLES}


@pytest.mark.parametrize("page", GUIDE, ids=page_name)
def test_user_guide_shows_a_picture_on_each_page(page):
    assert re.search(r"(figure::|img-top:) \.\./images/\w+\.png", page.read_text())


@pytest.mark.parametrize("example", EXAMPLES, ids=page_name)
def test_example_reads_well(example):
    text = example.read_text()
    assert len(text.splitlines()) <= LONGEST_EXAMPLE
    title, underline, *introduction = ast.get_docstring(ast.parse(text)).splitlines()
    assert underline == "=" * len(title)
    assert any(introduction)


def test_readme_has_two_set_up_commands_and_the_quick_start_the_same():
    set_up = re.compile(r"^ *(python3\.11 -m venv.*)$", re.MULTILINE)
    commands = set_up.findall(README.read_text())
    assert len(commands) == 2
    quick_start = re.sub(r" \\\n\s*", " ", (DOCS / "quick_start.rst").read_text())
    assert set_up.findall(quick_start) == commands
