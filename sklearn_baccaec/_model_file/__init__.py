"""Models in files that can run no code."""

from ._functions import load_model, save_model

__all__ = ["load_model", "save_model"]
