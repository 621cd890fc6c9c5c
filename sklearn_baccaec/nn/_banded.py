"""Small kernels of stride 1 as banded matrices, a few rows of the image at a time.

A layer makes ``t`` rows of all its output channels from ``t + k - 1`` rows of its input
channels. For one column of the kernel that is a banded matrix, the kernel's column
repeated along the diagonal, times all columns of the image and all films at once; the
kernel's other columns use the same image, moved by a pixel. With the films innermost in
memory these windows overlap in place, so nothing is unfolded.
"""

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from ._phases import batch_last, empty_batch_last, pad_batch_last
from ._same_geometry import Pad

# Rows of a matrix, or those of two image rows if they are more: fewer leave a processor
# idle, more multiply zeros.
_MATRIX_ROWS = 8


class BandedConvolution(torch.autograd.Function):
    """``apply(x, weight, bias, rows, columns)`` is a layer of stride 1.

    ``x`` is (N, C, H, W), ``weight`` (O, C, height, width), ``bias`` (O,) or None;
    ``rows`` and ``columns`` are the zeros before and after an axis, in all one less
    than the kernel has weights there.
    """

    @staticmethod
    def forward(
        ctx: Any,
        x: Tensor,
        weight: Tensor,
        bias: Tensor | None,
        rows: Pad,
        columns: Pad,
    ) -> Tensor:
        padded = pad_batch_last(x, rows, columns)
        ctx.save_for_backward(padded if ctx.needs_input_grad[1] else None, weight)
        ctx.padding = rows, columns
        return _correlate(padded, weight, bias)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        padded, weight = ctx.saved_tensors
        rows, columns = ctx.padding
        of_x, of_weight, of_bias = ctx.needs_input_grad[:3]
        by_x = by_weight = by_bias = None
        if of_weight:
            # Who keeps tensors for autograd may hand them back in another order.
            by_weight = _weight_gradient(
                batch_last(gradient), padded.contiguous(), weight.shape
            )
        if of_bias:
            by_bias = gradient.sum((0, 2, 3))
        if of_x:
            turned = weight.transpose(0, 1).flip(2, 3)
            spread = pad_batch_last(gradient, rows[::-1], columns[::-1])
            by_x = _correlate(spread, turned, None)
        return by_x, by_weight, by_bias, None, None


def _correlate(padded: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    """Correlate (H + pad, C, W + pad, N) with kernels: (N, O, H, W), batch last."""
    outputs, inputs, height, width = weight.shape
    size = padded.shape[0] - height + 1, padded.shape[2] - width + 1
    result = empty_batch_last(padded.shape[3], outputs, size, padded)
    tile = _tile(size[0], outputs)
    rows = batch_last(result).view(size[0] // tile, tile * outputs, -1)
    if bias is not None:
        batch_last(result).copy_(bias[:, None, None])
    matrices = weight.new_zeros(width, tile * outputs, (tile + height - 1) * inputs)
    _bands(matrices, weight.shape, tile).copy_(weight.permute(3, 0, 2, 1)[:, None])
    windows = _windows(padded, weight.shape, tile)
    for column, (matrix, window) in enumerate(zip(matrices, windows, strict=True)):
        # beta=0 ignores what new memory holds, NaN included.
        rows.baddbmm_(
            matrix.expand(len(rows), -1, -1),
            window,
            beta=int(column > 0 or bias is not None),
        )
    return result


def _weight_gradient(gradient: Tensor, padded: Tensor, shape: torch.Size) -> Tensor:
    """Sum the products of (H, O, W, N) and windows along the bands."""
    height, outputs = gradient.shape[:2]
    tile = _tile(height, outputs)
    rows = gradient.reshape(height // tile, tile * outputs, -1)
    products = [
        torch.bmm(rows, window.transpose(1, 2)).sum(0)
        for window in _windows(padded, shape, tile)
    ]
    bands = _bands(torch.stack(products), shape, tile)
    return bands.sum(1).permute(1, 3, 2, 0)


def _tile(height: int, channels: int) -> int:
    """Image rows at a time: a divisor of the height, two or more if there is one."""
    most = max(_MATRIX_ROWS // channels, 2)
    return max(tile for tile in range(1, most + 1) if height % tile == 0)


def _windows(padded: Tensor, shape: torch.Size, tile: int) -> list[Tensor]:
    """Overlapping views (H / t, (t + height - 1) * C, W * N), by kernel column."""
    _, inputs, height, width = shape
    padded_height, _, padded_width, n = padded.shape
    row = padded_width * n  # of one channel
    n_tiles = (padded_height - height + 1) // tile
    return [
        padded.as_strided(
            (n_tiles, (tile + height - 1) * inputs, (padded_width - width + 1) * n),
            (tile * inputs * row, row, 1),
            padded.storage_offset() + column * n,
        )
        for column in range(width)
    ]


def _bands(matrices: Tensor, shape: torch.Size, tile: int) -> Tensor:
    """View of the non-zeros of banded matrices: (width, t, O, height, C)."""
    outputs, inputs, height, width = shape
    row = (tile + height - 1) * inputs
    return matrices.as_strided(
        (width, tile, outputs, height, inputs),
        (matrices.stride(0), outputs * row + inputs, row, inputs, 1),
    )
