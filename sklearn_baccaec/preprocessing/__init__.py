"""Image processing of crops."""

from ._preprocessor import RegionPreprocessor

__all__ = ["RegionPreprocessor"]
