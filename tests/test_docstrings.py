"""Public docstrings keep to numpydoc's rules; it comes with the extra `lint`."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import pydoc
import re

import pytest

import sklearn_baccaec
from sklearn_baccaec._utils.docstrings import fill_docstrings

validate = pytest.importorskip("numpydoc.validate").validate

IGNORED = {
    "ES01", "EX01", "SA01", "SA04",  # sections that have nothing to say here
    "GL01", "GL02", "GL08",  # where quotes stand; no docstring: ruff's
    "PR04", "PR08", "RT02", "RT03", "RT04",  # several at once, such as "x, y"; names
    "SS05",  # a noun in the plural is no verb in the third person
}  # fmt: skip


def public_names():
    packages = [
        f"sklearn_baccaec.{found.name}"
        for found in pkgutil.iter_modules(sklearn_baccaec.__path__)
        if found.ispkg and not found.name.startswith("_")
    ]
    packages.remove("sklearn_baccaec.nn")  # torch's modules: a line says enough
    for module in ["sklearn_baccaec", *packages]:
        package = importlib.import_module(module)
        for name in package.__all__:
            found = getattr(package, name)
            if not (inspect.isclass(found) or inspect.isfunction(found)):
                continue
            yield f"{module}.{name}"
            if inspect.isclass(found):
                for method, value in vars(found).items():
                    if not method.startswith("_") and inspect.isfunction(value):
                        yield f"{module}.{name}.{method}"


@pytest.mark.parametrize("name", sorted(set(public_names())))
def test_docstring(name):
    errors = validate(name)["errors"]
    assert [text for code, text in errors if code not in IGNORED] == []
    found = inspect.getdoc(pydoc.locate(name))
    assert not re.search(r"^ *\{\w+\}$", found, re.MULTILINE)  # not filled in


def test_shared_texts_keep_the_indentation():
    @fill_docstrings
    class Film:
        """A film.

        Parameters
        ----------
        {age_range}
        """

        @classmethod
        def load(cls, regions):
            """Load one.

            Parameters
            ----------
            {regions}
                What to cut.

            Examples
            --------
            >>> {"regions"}
            """

    assert inspect.getdoc(Film).splitlines()[-2:] == [
        "age_range : (float, float), default=(24, 216)",
        "    First and last edge of the intervals in months.",
    ]
    assert inspect.getdoc(Film.load).splitlines()[4:6] == [
        "regions : sequence of str or int, or None, default=None",
        "    What to cut.",
    ]
    assert '>>> {"regions"}' in Film.load.__doc__


def test_unknown_shared_text():
    def load():
        """Load {films}.

        {fimls}
        """

    with pytest.raises(KeyError, match="fimls"):
        fill_docstrings(load)
    load.__doc__ = None  # as under python -OO
    assert fill_docstrings(load) is load
