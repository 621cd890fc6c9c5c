"""Without a network the pages are built too, without links to other projects."""

import logging

from sphinx.application import Sphinx

_UNREACHED = "failed to reach any of the inventories"


class _Unreached(logging.Filter):
    """Make information of the one warning that says that there is no network."""

    def filter(self, record: logging.LogRecord) -> bool:
        if str(record.msg).startswith(_UNREACHED):
            record.levelno, record.levelname = logging.INFO, "INFO"
        return True


def setup(app: Sphinx) -> dict[str, bool]:
    """Listen to intersphinx."""
    logging.getLogger("sphinx.sphinx.ext.intersphinx").addFilter(_Unreached())
    return {"parallel_read_safe": True, "parallel_write_safe": True}
