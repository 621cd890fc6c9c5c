"""Convolutions with "same" padding: the one place where their arithmetic is chosen.

Sizes follow TensorFlow's convention, which the authors' networks use: a layer of
stride ``s`` maps length ``n`` to ``ceil(n / s)``, and an odd pad puts the extra zero
behind.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import nn

from ._fourier import strided_correlation, strided_spread

Size = tuple[int, int]

# Kernels with at least as many weights go through the frequency domain.
_FOURIER_AREA = 100


def strided_size(size: Size, stride: int) -> Size:
    """Height and width after a "same" convolution of this stride."""
    return -(-size[0] // stride), -(-size[1] // stride)


def same_padding(length: int, kernel: int, stride: int) -> tuple[int, int]:
    """Zeros before and behind an axis of this length, in pixels."""
    outputs = -(-length // stride)
    total = max((outputs - 1) * stride + kernel - length, 0)
    return total // 2, total - total // 2


class _SameConvolution(nn.Module):
    """Weights of a layer between an image of ``size`` and its strided version.

    A kernel longer than the image is cut to its length: it still spans all of it.
    Parameters are drawn from ``generator`` (Glorot-uniform, zero bias), so that the
    global random state of torch is left alone.
    """

    transposed = False  # the order of the weight's first two axes

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        *,
        size: Size,
        kernel_size: int,
        stride: int,
        generator: torch.Generator,
    ) -> None:
        super().__init__()
        self.size, self.stride = size, stride
        self.kernel_size = min(kernel_size, size[0]), min(kernel_size, size[1])
        rows = same_padding(size[0], self.kernel_size[0], stride)
        columns = same_padding(size[1], self.kernel_size[1], stride)
        self.padding = (*columns, *rows)  # the order of torch's pad: last axis first
        channels = (out_channels, in_channels)
        if self.transposed:
            channels = channels[::-1]
        self.weight = nn.Parameter(torch.empty(*channels, *self.kernel_size))
        self.bias = nn.Parameter(torch.zeros(out_channels))
        area = self.kernel_size[0] * self.kernel_size[1]
        self.fourier = area >= _FOURIER_AREA
        bound = (6 / (area * (in_channels + out_channels))) ** 0.5
        with torch.no_grad():
            self.weight.uniform_(-bound, bound, generator=generator)


class SameConv2d(_SameConvolution):
    """(N, C, H, W) -> (N, D, ceil(H / stride), ceil(W / stride))."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Convolve the zero-padded images."""
        x = F.pad(x, self.padding)
        if self.fourier:
            y = strided_correlation(x, self.weight, self.stride)
            return y + self.bias[:, None, None]
        return F.conv2d(x, self.weight, self.bias, stride=self.stride)


class SameConvTranspose2d(_SameConvolution):
    """The adjoint: (N, C, ceil(H / stride), ceil(W / stride)) -> (N, D, H, W)."""

    transposed = True

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Spread every pixel over its kernel, then cut the padding off."""
        if self.fourier:
            y = strided_spread(x, self.weight, self.stride)
        else:
            y = F.conv_transpose2d(x, self.weight, stride=self.stride)
        left, _, top, _ = self.padding
        right = left + self.size[1] - y.shape[3]
        bottom = top + self.size[0] - y.shape[2]
        # Cuts, or fills where the stride leaves pixels that no weight reaches.
        return F.pad(y, (-left, right, -top, bottom)) + self.bias[:, None, None]
