"""How the documentation is built: ``sphinx-build -W -b html docs docs/_build/html``."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

import gallery_order  # in _ext, like the next one
import source_links

import sklearn_baccaec

project = "sklearn_baccaec"
author = "The sklearn_baccaec developers"
copyright = f"2026, {author}"  # what Sphinx calls it
version = release = sklearn_baccaec.__version__

REPOSITORY = source_links.find_repository()

extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.intersphinx",
    "sphinx.ext.linkcode" if REPOSITORY else "sphinx.ext.viewcode",
    "numpydoc",
    "myst_parser",
    "sphinx_copybutton",
    "sphinx_design",
    "sphinx_gallery.gen_gallery",
    "cross_references",  # in _ext, like the next one
    "offline",
]
exclude_patterns = ["_build", "**/GALLERY_HEADER.rst"]
templates_path = ["_templates"]
default_role = "code"

# Application programming interface
autosummary_generate = True
autodoc_typehints = "none"  # the docstrings say more
autodoc_member_order = "groupwise"
toc_object_entries_show_parents = "hide"
numpydoc_show_class_members = False  # the class template lists them
linkcode_resolve = source_links.make_resolver(REPOSITORY)

intersphinx_mapping = {
    "python": ("https://docs.python.org/3", None),
    "joblib": ("https://joblib.readthedocs.io/en/stable", None),
    "matplotlib": ("https://matplotlib.org/stable", None),
    "numpy": ("https://numpy.org/doc/stable", None),
    "pandas": ("https://pandas.pydata.org/pandas-docs/stable", None),
    "scipy": ("https://docs.scipy.org/doc/scipy", None),
    "sklearn": ("https://scikit-learn.org/stable", None),
    "skorch": ("https://skorch.readthedocs.io/en/stable", None),
    "torch": ("https://docs.pytorch.org/docs/stable", None),
}
intersphinx_timeout = 5  # seconds; see _ext/offline.py

# Markdown
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3

# Code to copy, without prompts and without what was printed
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True

sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "auto_examples",
    "filename_pattern": r"plot_",
    "subsection_order": [f"../examples/{name}" for name in gallery_order.SECTIONS],
    "within_subsection_order": "gallery_order.ReadingOrder",
    "doc_module": ("sklearn_baccaec",),
    "backreferences_dir": "gen_modules/backreferences",
    "matplotlib_animations": False,
    "show_memory": False,
    "parallel": 2,  # examples run side by side
    "capture_repr": ("_repr_html_",),
    "show_signature": False,
    "write_computation_times": False,
    "min_reported_time": 1,
    "abort_on_example_error": False,  # all that fail are told at the end
}

html_theme = "pydata_sphinx_theme"
html_title = f"{project} {version}"
html_static_path = ["_static"]
html_css_files = ["custom.css"]
html_show_sourcelink = False
html_theme_options = {
    "logo": {"text": project},
    "header_links_before_dropdown": 5,
    "show_toc_level": 2,
    "show_prev_next": True,
    "navigation_with_keys": False,
    "footer_start": ["copyright"],
    "footer_end": ["theme-version"],
    **({"github_url": REPOSITORY} if "github.com" in REPOSITORY else {}),
}
# Pages without others below them have nothing to show there.
html_sidebars = {
    page: []
    for page in (
        "index",
        "quick_start",
        "common_pitfalls",
        "results",
        "performance",
        "model_card",
        "whats_new",
        "contributing",
    )
}
