"""The error of a film that cannot be used."""

from __future__ import annotations


class FilmError(ValueError):
    """A film that cannot be used.

    Parameters
    ----------
    film : str
        Which film: its file name, or its position among arrays.
    reason : str
        What is wrong with it.
    """

    def __init__(self, film: str, reason: str) -> None:
        super().__init__(film, reason)
        self.film, self.reason = film, reason

    def __str__(self) -> str:
        return f"{self.film}: {self.reason}"
