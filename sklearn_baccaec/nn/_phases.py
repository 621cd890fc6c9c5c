"""Images by phase, and batches whose films lie side by side in memory.

Small channel counts leave nothing to a processor's vectors but the films of a batch, so
these layers keep the films innermost: an image (N, C, H, W) by its shape lies in memory
as (H, C, W, N). Elementwise layers keep that order, and copies run over whole films.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from ._same_geometry import Pad, SameGeometry, Size


def empty_batch_last(n_images: int, channels: int, size: Size, like: Tensor) -> Tensor:
    """Allocate images (N, C, H, W) that lie in memory as (H, C, W, N)."""
    row = size[1] * n_images
    return torch.empty_strided(
        (n_images, channels, *size),
        (1, row, channels * row, n_images),
        dtype=like.dtype,
        device=like.device,
    )


def batch_last(images: Tensor) -> Tensor:
    """(N, C, H, W) -> (H, C, W, N), a view."""
    return images.permute(2, 1, 3, 0)


def pad_batch_last(images: Tensor, rows: Pad, columns: Pad) -> Tensor:
    """(N, C, H, W) -> (H + pad, C, W + pad, N), contiguous."""
    n, channels, height, width = images.shape
    padded = images.new_zeros(height + sum(rows), channels, width + sum(columns), n)
    inside = padded[rows[0] : rows[0] + height, :, columns[0] : columns[0] + width]
    inside.copy_(batch_last(images))
    return padded


def image_phases(images: Tensor, stride: int) -> Tensor:
    """(N, C, H, W) -> (h, w, stride * C * stride, N), contiguous; zeros fill up."""
    n, _, height, width = images.shape
    rows, columns = (0, -height % stride), (0, -width % stride)
    if rows[1] or columns[1]:
        whole = pad_batch_last(images, rows, columns)
    else:
        whole = batch_last(images)
    h, w = whole.shape[0] // stride, whole.shape[2] // stride
    # Rows' phases lie beside the channels, columns' phases beside the films.
    wide = whole.reshape(h, -1, w, stride * n)
    return wide.transpose(1, 2).contiguous().view(h, w, -1, n)


def image_from_phases(phases: Tensor, stride: int, size: Size) -> Tensor:
    """Undo `image_phases`: its adjoint, and but for the zeros its inverse."""
    h, w, depth, n = phases.shape
    whole = h * stride, w * stride
    images = empty_batch_last(n, depth // stride**2, whole, phases)
    wide = batch_last(images).view(h, -1, w, stride * n)
    wide.transpose(1, 2).copy_(phases.view(h, w, -1, stride * n))
    if size == whole:
        return images
    cut = empty_batch_last(n, images.shape[1], size, phases)
    return cut.copy_(images[:, :, : size[0], : size[1]])


def kernel_phases(weight: Tensor, geometry: SameGeometry) -> Tensor:
    """(O, C, height, width) -> (row taps, column taps, O, stride * C * stride)."""
    stride = geometry.stride
    full = F.pad(
        weight, (*geometry.columns.kernel_padding, *geometry.rows.kernel_padding)
    )
    phases = full.unflatten(3, (-1, stride)).unflatten(2, (-1, stride))
    return phases.permute(2, 4, 0, 3, 1, 5).flatten(3)


def kernel_from_phases(phases: Tensor, geometry: SameGeometry) -> Tensor:
    """Undo `kernel_phases`: its adjoint, and but for the zeros its inverse."""
    rows, columns = geometry
    full = phases.unflatten(3, (geometry.stride, -1, geometry.stride))
    full = full.permute(2, 4, 0, 3, 1, 5).flatten(4).flatten(2, 3)
    top, left = rows.kernel_padding[0], columns.kernel_padding[0]
    return full[:, :, top : top + rows.kernel, left : left + columns.kernel]


def repeat_by_phase(values: Tensor, stride: int) -> Tensor:
    """(C,) -> (stride * C * stride,)."""
    return values.repeat(stride).repeat_interleave(stride)
