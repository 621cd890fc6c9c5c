"""Large kernels in the frequency domain, by products of small real matrices.

On one axis of ``h`` pixels, a layer of stride 1 multiplies by a Toeplitz matrix ``T``.
Bent to a circle of ``n`` points, so long that no weight reaches round it, it becomes
circulant, and waves make it diagonal. In real numbers, with one row for the cosine and
one for minus the sine of each of the ``n // 2 + 1`` frequencies ``theta``::

    T = A' D A        A' A = 1

``A`` is scaled for that, and has a column for each pixel only, not for all of the
circle, so that padding, shifting and cutting cost nothing. ``D`` has a block
``[[re, -im], [im, re]]`` for each frequency: ``re + i im`` is the sum of
``w[m] exp(i theta m)`` over the weights, with ``m`` counted from an output's own
position.

On two axes, rows and columns keep an imaginary unit each, ``i`` and ``j``. Then both
need half of their frequencies only, and a coefficient is a bicomplex number, made of
four reals. With several channels, ``re`` and ``im`` are matrices that mix them. So, for
all films at once,

* a convolution is ``y = A' D A x``;
* the transposed convolution, and the gradient by ``x``, are its transpose ``A' D' A``;
* the gradient by ``D`` is the outer product of ``A dy`` and ``A x``.

All are matrix products: one for each axis, and for ``D`` small ones, for each pair of
frequencies. An array has rows outermost, then columns, channels and films. A spectrum
has the rows' two parts (real, ``i``) outermost, then pairs of frequencies, then the
columns' two parts (real, ``j``) with the channels inside, then films. In shapes, K and
L are the numbers of frequencies of rows and columns, C the image's channels and O those
of its strided version, whichever the layer makes.

Strided layers work on phases of the image; see `_same_geometry`.
"""

import math
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from ._phases import (
    image_from_phases,
    image_phases,
    kernel_from_phases,
    kernel_phases,
    repeat_by_phase,
)
from ._same_geometry import SameAxis, SameGeometry


class Waves(NamedTuple):
    """Cosines and sines along one axis."""

    n: int  # points of the circle
    image: Tensor  # (2K, h), the matrix A
    kernel: Tensor  # (2K, taps), from weights to re and im


class FourierConvolution(torch.autograd.Function):
    """``apply(x, weight, bias, geometry, transposed)`` is a layer with "same" padding.

    ``x`` is a batch of images, ``weight`` (O, C, height, width), ``bias`` a number for
    each channel that comes out, or None; a transposed layer returns images of the
    ``geometry``'s size.
    """

    @staticmethod
    def forward(
        ctx: Any,
        x: Tensor,
        weight: Tensor,
        bias: Tensor | None,
        geometry: SameGeometry,
        transposed: bool,
    ) -> Tensor:
        """Compute ``A' D A x``, or ``A' D' A x`` if transposed."""
        rows, columns = _waves(geometry, x)
        stride_in, stride_out = (geometry.stride, 1)[:: -1 if transposed else 1]
        source = _spectrum(image_phases(x, stride_in), rows, columns)
        transfer = _transfer(kernel_phases(weight, geometry), rows, columns)
        target = _respond(transfer, source, transposed)
        if bias is not None:  # a constant image has only frequency zero
            constant = repeat_by_phase(bias, stride_out) * math.sqrt(rows.n * columns.n)
            target[0, 0, : len(constant)] += constant[:, None]
        of_x, of_weight = ctx.needs_input_grad[:2]
        ctx.save_for_backward(source if of_weight else None, transfer if of_x else None)
        ctx.layer = geometry, transposed, tuple(x.shape[2:])
        size = geometry.size if transposed else geometry.strided_size
        return image_from_phases(_image(target, rows, columns), stride_out, size)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        source, transfer = ctx.saved_tensors
        geometry, transposed, size_in = ctx.layer
        rows, columns = _waves(geometry, gradient)
        stride_in, stride_out = (geometry.stride, 1)[:: -1 if transposed else 1]
        of_x, of_weight, of_bias = ctx.needs_input_grad[:3]
        target = _spectrum(image_phases(gradient, stride_out), rows, columns)
        by_x = by_weight = by_bias = None
        if of_bias:
            by_bias = gradient.sum((0, 2, 3))
        if of_weight:
            image, strided = (target, source) if transposed else (source, target)
            weights = _transfer_gradient(strided, image, rows, columns)
            by_weight = kernel_from_phases(weights, geometry)
        if of_x:
            response = _respond(transfer, target, not transposed)
            image = _image(response, rows, columns)
            by_x = image_from_phases(image, stride_in, size_in)
        return by_x, by_weight, by_bias, None, None


def _waves(geometry: SameGeometry, like: Tensor) -> tuple[Waves, Waves]:
    """Make the waves of both axes, with the precision and on the device of a tensor."""
    precision = np.float64 if like.dtype == torch.float64 else np.float32
    waves = []
    for position, axis in enumerate(geometry):  # sines after the cosines, or beside
        n, *tables = _axis_tables(axis, position, precision)
        waves.append(Waves(n, *(torch.from_numpy(t).to(like.device) for t in tables)))
    return waves[0], waves[1]


@lru_cache(maxsize=256)
def _axis_tables(
    axis: SameAxis, position: int, precision: type
) -> tuple[int, np.ndarray, np.ndarray]:
    """Tabulate an axis' waves; in numpy, so that no mode of torch enters the cache."""
    reach = max(axis.offset, axis.taps - 1 - axis.offset)
    n = (axis.outputs + reach) | 1  # odd: then only the frequency 0 lacks a sine
    frequencies = np.arange(n // 2 + 1)[:, None]
    theta = 2 * np.pi / n * frequencies
    pixels = theta * np.arange(axis.outputs)
    weights = theta * (np.arange(axis.taps) - axis.offset)
    scale = np.sqrt(np.where(frequencies, 2, 1) / n)
    image = np.stack([scale * np.cos(pixels), -scale * np.sin(pixels)], position)
    kernel = np.stack([np.cos(weights), np.sin(weights)], position)
    image, kernel = (table.reshape(-1, table.shape[2]) for table in (image, kernel))
    return n, image.astype(precision), kernel.astype(precision)


def _analyse(values: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
    """(h, w, ...) -> (2K, 2L, prod(...)) for matrices (2K, h) and (2L, w)."""
    h, w = values.shape[:2]
    by_row = torch.mm(rows, values.reshape(h, -1)).view(len(rows), w, -1)
    return torch.bmm(columns.expand(len(rows), -1, -1), by_row)


def _synthesise(values: Tensor, rows: Tensor, columns: Tensor) -> Tensor:
    """(2K, 2L, m) -> (h, w, m), the transpose of `_analyse`."""
    w, m = columns.shape[1], values.shape[2]
    by_row = torch.bmm(columns.t().expand(len(rows), -1, -1), values)
    return torch.mm(rows.t(), by_row.view(len(rows), -1)).view(-1, w, m)


def _spectrum(phases: Tensor, rows: Waves, columns: Waves) -> Tensor:
    """Compute ``A x``: (h, w, C, N) -> (2, K * L, 2 * C, N)."""
    channels, n = phases.shape[2:]
    spectrum = _analyse(phases, rows.image, columns.image)
    return spectrum.view(2, -1, 2 * channels, n)


def _image(spectrum: Tensor, rows: Waves, columns: Waves) -> Tensor:
    """Compute ``A' y``: (2, K * L, 2 * C, N) -> (h, w, C, N)."""
    n = spectrum.shape[3]
    pairs = spectrum.view(len(rows.image), len(columns.image), -1)
    phases = _synthesise(pairs, rows.image, columns.image)
    return phases.view(*phases.shape[:2], -1, n)


def _transfer(weights: Tensor, rows: Waves, columns: Waves) -> Tensor:
    """Make ``D``: (taps, taps, O, C) -> (2, K * L, 2 * O, 2 * C), blocks by ``j``."""
    shape = weights.shape[2:]
    parts = _analyse(weights, rows.kernel, columns.kernel).view(2, -1, 2, *shape)
    real, imaginary = parts.unbind(2)
    blocks = parts.new_empty(2, parts.shape[1], 2, shape[0], 2, shape[1])
    blocks[:, :, 0, :, 0] = real
    blocks[:, :, 1, :, 1] = real
    blocks[:, :, 1, :, 0] = imaginary
    torch.neg(imaginary, out=blocks[:, :, 0, :, 1])
    return blocks.view(2, -1, 2 * shape[0], 2 * shape[1])


def _transfer_gradient(
    strided: Tensor, image: Tensor, rows: Waves, columns: Waves
) -> Tensor:
    """Take the outer product of two spectra back to weights (taps, taps, O, C)."""
    outer = _bicomplex_product(strided, image.transpose(2, 3), sign_b=-1)
    shape = outer.shape[2] // 2, outer.shape[3] // 2
    blocks = outer.view(2, -1, 2, shape[0], 2, shape[1])
    parts = outer.new_empty(2, outer.shape[1], 2, *shape)
    torch.add(blocks[:, :, 0, :, 0], blocks[:, :, 1, :, 1], out=parts[:, :, 0])
    torch.sub(blocks[:, :, 1, :, 0], blocks[:, :, 0, :, 1], out=parts[:, :, 1])
    pairs = parts.view(len(rows.kernel), len(columns.kernel), -1)
    weights = _synthesise(pairs, rows.kernel, columns.kernel)
    return weights.view(*weights.shape[:2], *shape)


def _respond(transfer: Tensor, source: Tensor, transposed: bool) -> Tensor:
    """Compute ``D s``, or ``D' s`` if transposed."""
    if transposed:
        return _bicomplex_product(transfer.transpose(2, 3), source, sign_a=-1)
    return _bicomplex_product(transfer, source)


def _bicomplex_product(
    a: Tensor, b: Tensor, *, sign_a: int = 1, sign_b: int = 1
) -> Tensor:
    """Multiply by pairs of frequencies; a sign of -1 conjugates by ``i``.

    Multiplying by ``j`` is in the real matrices already.
    """
    product = a.new_empty(2, a.shape[1], a.shape[2], b.shape[3])
    real, imaginary = product
    torch.bmm(a[0], b[0], out=real)
    real.baddbmm_(a[1], b[1], alpha=-sign_a * sign_b)
    # beta=0 ignores what new memory holds, NaN included.
    imaginary.baddbmm_(a[1], b[0], beta=0, alpha=sign_a)
    imaginary.baddbmm_(a[0], b[1], alpha=sign_b)
    return product
