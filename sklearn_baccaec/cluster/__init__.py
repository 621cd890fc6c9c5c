"""Clusterers for the encoded films."""

from ._hybrid import HybridClusterer

__all__ = ["HybridClusterer"]
