"""Links from estimators, where notebooks show them, to their pages of documentation."""

from __future__ import annotations

from functools import cache
from importlib.metadata import PackageNotFoundError, metadata

_PAGE = "{home}/en/stable/api/generated/sklearn_baccaec.{{estimator_name}}.html"


@cache
def documentation_home() -> str:
    """Address of the documentation in the project's URLs, or "" if nothing tells it."""
    try:
        urls = metadata("sklearn-baccaec").get_all("Project-URL", [])
    except PackageNotFoundError:  # used from a folder, not installed
        return ""
    return dict(url.split(", ", 1) for url in urls).get("Documentation", "")


class DocumentationLinkMixin:
    """Tells scikit-learn's diagrams where an estimator of this package is described."""

    _doc_link_module = "sklearn_baccaec"  # subclasses of users have no page here

    @property
    def _doc_link_template(self) -> str:
        home = documentation_home()
        return _PAGE.format(home=home) if home else ""
