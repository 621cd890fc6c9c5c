"""A hand as it is drawn: anatomy, ossification, pose, shapes, rendering, exposure."""
