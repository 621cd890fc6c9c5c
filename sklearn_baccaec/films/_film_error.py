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


def file_error(film: str, error: Exception) -> FilmError:
    """Error of a film whose file cannot be opened or read."""
    if isinstance(error, FileNotFoundError):
        return FilmError(film, "there is no such file")
    said = getattr(error, "strerror", None) or error
    return FilmError(film, f"the file cannot be read ({said})")
