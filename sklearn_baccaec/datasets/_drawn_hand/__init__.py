"""A hand as it is drawn; lengths in hand lengths, points complex as in `_pose`."""
