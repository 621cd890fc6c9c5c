"""Text from files, such as their names, where people read it."""

import unicodedata

_NO_CHARACTERS = {"Cc", "Cs", "Zl", "Zp"}  # controls, odd bytes, ends of lines
_DIRECTIONS = "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


def printable(text: str) -> str:
    r"""Text on one line; controls, and what is not a character, are as ``\x1b``.

    Examples
    --------
    >>> from sklearn_baccaec._utils.text import printable
    >>> print(printable("a\nb\x1b[2J, ünï"))
    a\nb\x1b[2J, ünï
    """
    return "".join(
        c.encode("unicode_escape").decode()
        if c in _DIRECTIONS or unicodedata.category(c) in _NO_CHARACTERS
        else c
        for c in text
    )
