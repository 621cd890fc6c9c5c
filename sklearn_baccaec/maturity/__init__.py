"""Maturity: from the joined latents of the regions to what they agree on."""

from ._region_consensus import RegionConsensus

__all__ = ["RegionConsensus"]
