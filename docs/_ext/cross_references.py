"""References that Sphinx cannot resolve by itself.

A public name has one page, under the shortest path that it can be imported from.
Docstrings call it by other paths too, such as ``metrics.majority_label_scorer``, or by
its last part alone. Shapes such as ``(n_iter_,)`` would be taken for references that
they are not. And Markdown pages link to example files, as readers of the repository
need them; here the gallery's pages are meant.
"""

import re
from typing import Any

from sphinx.application import Sphinx
from sphinx.util.nodes import make_refnode

_EXAMPLE = re.compile(r"\]\((?:\.\./)+examples/(\w+/plot_\w+)\.py\)")
_TYPED = re.compile(r"\s*\*{0,2}\w[\w, ]* : ")  # a name and its type in a docstring
_TOP = "sklearn_baccaec."


def resolve_public_name(app: Sphinx, env: Any, node: Any, content: Any) -> Any:
    """Find the one documented object whose last name is that of the reference."""
    if node.get("refdomain") != "py":
        return None
    target = node["reftarget"]
    last = target.rpartition(".")[2]
    objects = env.get_domain("py").objects
    found = [
        (name, entry)
        for name, entry in objects.items()
        if name.startswith(_TOP)
        and name.rpartition(".")[2] == last
        and entry.objtype in ("class", "exception", "function", "data")
        and not entry.aliased
    ]
    if len(found) != 1 or ("." in target and not _is_ours(target)):
        return None
    name, entry = found[0]
    return make_refnode(
        app.builder, node["refdoc"], entry.docname, entry.node_id, content, name
    )


def forgive_inherited(app: Sphinx, env: Any, node: Any, content: Any) -> Any:
    """Leave plain text where inherited docstrings name scikit-learn's user guide."""
    inherited = node.get("refdoc", "").startswith("api/generated/")
    return content if inherited and node.get("reftype") in ("ref", "term") else None


def escape_shapes(app: Sphinx, what: str, name: str, *rest: Any) -> None:
    """Let an underscore at the end of a name in a type be an underscore."""
    lines = rest[-1]
    for i, line in enumerate(lines):
        if _TYPED.match(line):
            start = line.index(" : ")
            lines[i] = line[:start] + re.sub(r"(?<=\w)_(?!\w)", r"\\_", line[start:])


def link_to_gallery(app: Sphinx, docname: str, source: list[str]) -> None:
    """Turn links to example files into links to the gallery's pages."""
    if str(app.env.doc2path(docname)).endswith(".md"):
        up = "../" * docname.count("/")
        source[0] = _EXAMPLE.sub(rf"]({up}auto_examples/\1.rst)", source[0])


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect to Sphinx; the last handler comes after intersphinx."""
    app.connect("missing-reference", resolve_public_name, priority=400)
    app.connect("missing-reference", forgive_inherited, priority=900)
    app.connect("autodoc-process-docstring", escape_shapes, priority=100)
    app.connect("source-read", link_to_gallery)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _is_ours(target: str) -> bool:
    import sklearn_baccaec

    first = target.removeprefix(_TOP).partition(".")[0]
    return first in dir(sklearn_baccaec)
