"""Convolutions with "same" padding: the one place where their arithmetic is chosen.

Torch's own layers are slow on a processor core for large kernels, which go through the
frequency domain instead, and for small ones between few channels, which become banded
matrices.
"""

import operator
from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ._banded import BandedConvolution
from ._fourier import FourierConvolution
from ._same_geometry import Size, same_geometry

CONVOLUTIONS = ("auto", "direct", "fourier")

# What measured fastest; see docs/performance.md.
_FOURIER_WEIGHTS = 49  # of a kernel, at least, times the stride, in endless batches
_FOURIER_BATCH = 4  # films in a batch that needs twice as many
_BANDED_CHANNELS = 8  # in and out, at most


class _SameConvolution(nn.Module):
    """Weights of a layer between an image and its strided version, of any size."""

    transposed = False  # the order of the weight's first two axes

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | Sequence[int],
        stride: int = 1,
        *,
        bias: bool = True,
        convolution: str = "auto",
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__()
        if convolution not in CONVOLUTIONS:
            raise ValueError(
                f"convolution must be one of {CONVOLUTIONS}, got {convolution!r}"
            )
        self.kernel_size = height, width = _pair(kernel_size, "kernel_size")
        in_channels = _positive(in_channels, "in_channels")
        out_channels = _positive(out_channels, "out_channels")
        self.stride = _positive(stride, "stride")
        self.convolution = convolution
        channels = (out_channels, in_channels)[:: -1 if self.transposed else 1]
        self.weight = nn.Parameter(torch.empty(*channels, height, width))
        self.bias = nn.Parameter(torch.zeros(out_channels)) if bias else None
        bound = (6 / (height * width * (in_channels + out_channels))) ** 0.5
        with torch.no_grad():
            self.weight.uniform_(-bound, bound, generator=generator)

    def arithmetic(self, x: Tensor) -> str:
        """Name the arithmetic for these images: "direct", "fourier" or "banded".

        "auto" is direct on GPUs, which have fast layers, and in any precision but
        float32; else fourier where ``weights * n / (n + 4) >= 49 * stride`` for n films
        and the weights of one kernel; else banded at stride 1 between at most 8
        channels. An empty batch is always direct, and everything under autocast.
        """
        if not x.numel() or _is_autocast(x):
            return "direct"
        if self.convolution != "auto":
            return self.convolution
        if x.device.type != "cpu" or x.dtype != torch.float32:
            return "direct"
        weights = self.kernel_size[0] * self.kernel_size[1]
        worth = weights * len(x) / (len(x) + _FOURIER_BATCH)
        if worth >= _FOURIER_WEIGHTS * self.stride:
            return "fourier"
        few = max(self.weight.shape[:2]) <= _BANDED_CHANNELS
        return "banded" if self.stride == 1 and few else "direct"

    def extra_repr(self) -> str:
        channels = self.weight.shape[:2][:: 1 if self.transposed else -1]
        return (
            f"{channels[0]}, {channels[1]}, kernel_size={self.kernel_size}, "
            f"stride={self.stride}, convolution={self.convolution!r}"
        )

    def _check(self, x: Tensor) -> None:
        channels = self.weight.shape[0 if self.transposed else 1]
        if x.ndim != 4 or x.shape[1] != channels or not x.shape[2] * x.shape[3]:
            raise ValueError(
                f"expected images of shape (n_images, {channels}, height, width), got "
                f"{tuple(x.shape)}"
            )
        if _is_autocast(x):
            return
        if x.dtype != self.weight.dtype:
            raise TypeError(f"images are {x.dtype} but weights {self.weight.dtype}")
        precise = x.dtype in (torch.float32, torch.float64)
        if self.convolution == "fourier" and not precise:
            raise TypeError(
                f"convolution='fourier' needs float32 or float64, got {x.dtype}"
            )


class SameConv2d(_SameConvolution):
    """(N, C, H, W) -> (N, O, ceil(H / stride), ceil(W / stride)).

    Parameters
    ----------
    in_channels, out_channels : int
        Channels.
    kernel_size : int or (int, int)
        Height and width in pixels.
    stride : int, default=1
        Stride of both axes.
    bias : bool, default=True
        Add a constant to each channel.
    convolution : {"auto", "direct", "fourier"}, default="auto"
        Arithmetic: "direct" is torch's, "fourier" takes the frequency domain, and
        "auto" what is fastest; see `arithmetic`. Results differ by rounding, relative
        to the largest values: where one has a zero, another may not quite.
        Only "direct" has second derivatives and torch.func's transforms. Under
        autocast every layer is direct.
    generator : torch.Generator or None, default=None
        Draws the weights (Glorot-uniform; the bias is zero). None is torch's own.
    """

    def forward(self, x: Tensor) -> Tensor:
        """Convolve the zero-padded images."""
        self._check(x)
        geometry = same_geometry(tuple(x.shape[2:]), self.kernel_size, self.stride)
        arithmetic = self.arithmetic(x)
        if arithmetic == "fourier":
            return FourierConvolution.apply(x, self.weight, self.bias, geometry, False)
        if arithmetic == "banded":
            padding = geometry.rows.padding, geometry.columns.padding
            return BandedConvolution.apply(x, self.weight, self.bias, *padding)
        x = F.pad(x, (*geometry.columns.padding, *geometry.rows.padding))
        return F.conv2d(x, self.weight, self.bias, stride=self.stride)


class SameConvTranspose2d(_SameConvolution):
    """The transpose: (N, C, ceil(H / stride), ceil(W / stride)) -> (N, O, H, W).

    Parameters are those of `SameConv2d`, and ``size``, (H, W): None stands for stride
    times the size of what comes in.
    """

    transposed = True

    def __init__(
        self, *args: Any, size: int | Sequence[int] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.size = None if size is None else _pair(size, "size")

    def forward(self, x: Tensor) -> Tensor:
        """Spread every pixel over its kernel, then cut the padding off."""
        self._check(x)
        size = self.size or (x.shape[2] * self.stride, x.shape[3] * self.stride)
        geometry = same_geometry(size, self.kernel_size, self.stride)
        if geometry.strided_size != tuple(x.shape[2:]):
            raise ValueError(
                f"images of {geometry.size} pixels come from {geometry.strided_size} "
                f"at stride {self.stride}, not from {tuple(x.shape[2:])}"
            )
        arithmetic = self.arithmetic(x)
        if arithmetic == "fourier":
            return FourierConvolution.apply(x, self.weight, self.bias, geometry, True)
        if arithmetic == "banded":
            turned = self.weight.transpose(0, 1).flip(2, 3)
            padding = geometry.rows.padding[::-1], geometry.columns.padding[::-1]
            return BandedConvolution.apply(x, turned, self.bias, *padding)
        y = F.conv_transpose2d(x, self.weight, stride=self.stride)
        top, left = geometry.rows.padding[0], geometry.columns.padding[0]
        bottom = geometry.rows.length + top - y.shape[2]
        right = geometry.columns.length + left - y.shape[3]
        # Cuts, or fills where the stride leaves pixels that no weight reaches.
        y = F.pad(y, (-left, right, -top, bottom))
        return y if self.bias is None else y + self.bias[:, None, None]


def _is_autocast(x: Tensor) -> bool:
    kind = x.device.type
    return torch.amp.is_autocast_available(kind) and torch.is_autocast_enabled(kind)


def _positive(value: Any, name: str) -> int:
    try:
        number = operator.index(value)
    except TypeError:
        number = 0
    if number < 1:
        raise ValueError(f"{name} must be a positive integer, got {value!r}")
    return number


def _pair(value: int | Sequence[int], name: str) -> Size:
    """Return two positive integers, the same one twice if it is one."""
    if not isinstance(value, Sequence):
        value = value, value
    if len(value) != 2:
        raise ValueError(f"{name} must be one integer or two, got {value!r}")
    return _positive(value[0], name), _positive(value[1], name)
