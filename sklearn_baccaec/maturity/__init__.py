"""Maturity: from the joined latents of the regions to what they agree on."""

from ._maturity_curve import MaturityCurve
from ._region_consensus import RegionConsensus

__all__ = ["MaturityCurve", "RegionConsensus"]
