"""Views of crops whose pose and exposure are chance, so that neither is a clue.

A view shows by how much a pixel is brighter than its surroundings, in units of what is
usual in the view.
"""

import torch
import torch.nn.functional as F

# Half ranges of uniform draws, at strength 1.
TURN = 0.25  # radians
ZOOM = 0.15  # share of the view's width
SHIFT = 0.075  # share of the view's width
GAMMA = 0.8  # logarithm of the exponent
SHADE = 0.3  # logarithm of the factor, smooth over the view
CONTRAST = 0.3  # logarithm of the factor

FEWEST_LEVELS = 16  # grey levels of a faint film that was stretched
NOISE = 0.05  # highest standard deviation, of the range of grey values
HOLE = 4  # one view in four has a hole, a quarter as wide as the view

_SURROUNDINGS = 6  # a pixel is compared with a sixth of the view
_FLAT = 0.02  # standard deviation that counts as noise, of the range of grey values
_HIGHEST = 3.0  # standard deviations


def plain_views(crops: torch.Tensor, side: int) -> torch.Tensor:
    """Resize crops (n, 1, height, width) and standardise their local contrast."""
    return _local_contrast(
        _sample(crops, torch.eye(2, 3).repeat(len(crops), 1, 1), side)
    )


def random_views(
    crops: torch.Tensor,
    side: int,
    *,
    pose: float,
    exposure: float,
    generator: torch.Generator,
) -> torch.Tensor:
    """Cut views (n, 1, side, side), each turned, moved, re-exposed and spoiled."""

    def draw(*shape: int) -> torch.Tensor:  # from -1 to 1
        return 2 * torch.rand(*shape, generator=generator) - 1

    n_views = len(crops)
    turn = pose * TURN * draw(n_views)
    zoom = 1 + pose * ZOOM * draw(n_views)
    shift = 2 * pose * SHIFT * draw(n_views, 2)  # a crop is 2 units wide
    cos, sin = zoom * turn.cos(), zoom * turn.sin()
    rows = [cos, -sin, shift[:, 0], sin, cos, shift[:, 1]]
    views = _sample(crops, torch.stack(rows, 1).view(-1, 2, 3), side)
    if exposure == 0:
        return _local_contrast(views)

    gamma = (exposure * GAMMA * draw(n_views, 1, 1, 1)).exp()
    share = torch.rand(n_views, 1, 1, 1, generator=generator)
    levels = FEWEST_LEVELS / exposure * (256 / FEWEST_LEVELS) ** share
    views = (views.clamp(1e-3, 1) ** gamma * levels).round() / levels
    deviation = exposure * NOISE * torch.rand(n_views, 1, 1, 1, generator=generator)
    views = views + deviation * torch.randn(views.shape, generator=generator)
    shade = _enlarge(exposure * SHADE * draw(n_views, 1, 4, 4), side)
    views = _local_contrast(views * shade.exp())
    views = views * (exposure * CONTRAST * draw(n_views, 1, 1, 1)).exp()
    return _with_holes(views, generator)


def _sample(crops: torch.Tensor, affine: torch.Tensor, side: int) -> torch.Tensor:
    grid = F.affine_grid(
        affine.to(crops.device), [len(crops), 1, side, side], align_corners=False
    )
    return F.grid_sample(crops, grid, padding_mode="border", align_corners=False)


def _local_contrast(views: torch.Tensor) -> torch.Tensor:
    """Smoothed views less their surroundings, over the standard deviation of that."""
    for _ in range(2):
        views = F.avg_pool2d(views, 3, 1, padding=1, count_include_pad=False)
    side = views.shape[-1]
    surroundings = F.adaptive_avg_pool2d(views, min(_SURROUNDINGS, side))
    contrast = views - _enlarge(surroundings, side)
    spread = contrast.square().mean(dim=(1, 2, 3), keepdim=True).sqrt()
    return (contrast / (spread + _FLAT)).clamp(-_HIGHEST, _HIGHEST)


def _enlarge(image: torch.Tensor, side: int) -> torch.Tensor:
    return F.interpolate(image, size=(side, side), mode="bilinear", align_corners=False)


def _with_holes(views: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Every fourth view with an empty square, so that no one spot decides."""
    n_views, side = len(views), views.shape[-1]
    pixels = torch.arange(side)
    corner = torch.rand(n_views, 2, generator=generator) * side * (1 - 1 / HOLE)
    inside = (pixels >= corner[..., None]) & (pixels < corner[..., None] + side / HOLE)
    inside[torch.rand(n_views, generator=generator) >= 1 / HOLE] = False
    return views.masked_fill((inside[:, 0, :, None] & inside[:, 1, None])[:, None], 0.0)
