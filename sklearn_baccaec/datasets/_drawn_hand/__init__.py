"""A hand as it is drawn: anatomy, ossification, pose, shapes, rendering, exposure.

Lengths are in hand lengths, points complex numbers as in `_pose`.
"""
