"""Pictures to check by eye what was found on the films; they need matplotlib."""

from ._contact_sheet_display import ContactSheetDisplay
from ._key_region_display import KeyRegionDisplay

__all__ = ["ContactSheetDisplay", "KeyRegionDisplay"]
