"""Large kernels in the frequency domain, where a convolution is a product.

A layer of stride s is first written as a layer of stride 1 on the s x s phases of the
image (space to depth): 30 x 30 at stride 2 becomes 15 x 15 on four times the channels.
Per frequency, all channels of all films then meet in one small matrix product. Results
equal those of the direct sums up to rounding.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from scipy.fft import next_fast_len


def strided_correlation(
    x: torch.Tensor, weight: torch.Tensor, stride: int
) -> torch.Tensor:
    """Compute ``conv2d(x, weight, stride=stride)``.

    Parameters
    ----------
    x : tensor of shape (N, C, H, W)
        Images, padded as they shall be.
    weight : tensor of shape (D, C, h, w)
        Kernels.
    stride : int
        Stride of both axes.
    """
    outputs = [(x.shape[a] - weight.shape[a]) // stride + 1 for a in (2, 3)]
    x, weight = _phases(x, stride), _phases(weight, stride)
    size = [next_fast_len(x.shape[a], real=True) for a in (2, 3)]
    spectrum = _product(
        torch.fft.rfft2(x, s=size),
        torch.fft.rfft2(weight, s=size).conj().transpose(0, 1),
    )
    return torch.fft.irfft2(spectrum, s=size)[:, :, : outputs[0], : outputs[1]]


def strided_spread(z: torch.Tensor, weight: torch.Tensor, stride: int) -> torch.Tensor:
    """Compute ``conv_transpose2d(z, weight, stride=stride)``.

    Parameters
    ----------
    z : tensor of shape (N, C, H, W)
        Images to spread.
    weight : tensor of shape (C, D, h, w)
        Kernels.
    stride : int
        Stride of both axes.
    """
    outputs = [(z.shape[a] - 1) * stride + weight.shape[a] for a in (2, 3)]
    weight = _phases(weight, stride)
    size = [next_fast_len(z.shape[a] + weight.shape[a] - 1, real=True) for a in (2, 3)]
    spectrum = _product(torch.fft.rfft2(z, s=size), torch.fft.rfft2(weight, s=size))
    phases = torch.fft.irfft2(spectrum, s=size)
    return F.pixel_shuffle(phases, stride)[:, :, : outputs[0], : outputs[1]]


def _phases(x: torch.Tensor, stride: int) -> torch.Tensor:
    """(N, C, H, W) -> (N, C * stride**2, H / stride, W / stride), zero-filled."""
    fill = [-x.shape[axis] % stride for axis in (3, 2)]
    return F.pixel_unshuffle(F.pad(x, (0, fill[0], 0, fill[1])), stride)


def _product(x: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
    """(N, C, H, W) and (C, D, H, W) -> (N, D, H, W): one matrix product a frequency."""
    by_frequency = [
        spectrum.resolve_conj().flatten(2).permute(2, 0, 1).contiguous()
        for spectrum in (x, weight)
    ]
    product = torch.bmm(*by_frequency)  # (H * W, N, D)
    return product.permute(1, 2, 0).unflatten(2, x.shape[2:])
