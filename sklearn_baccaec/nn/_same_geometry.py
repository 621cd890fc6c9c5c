"""The geometry of layers with "same" padding.

Sizes follow TensorFlow's convention, which the authors' networks use: a layer of
stride ``s`` maps length ``n`` to ``ceil(n / s)``, and an odd pad puts the extra zero
after the image.

A strided layer is a layer of stride 1 on the phases of its image: output ``i`` sums
``x[s i + m - p] w[m]`` over ``m``; with ``m - p = s q + a`` that is a sum over
``x_a[i + q]``, where phase ``x_a`` holds every ``s``-th pixel from ``a`` on. So 30 x 30
at stride 2 becomes 15 x 15 on four times the channels. Where ``p`` is not a multiple of
``s``, zeros before the kernel make it one; ``q`` runs from ``-offset``.
"""

from functools import lru_cache
from typing import NamedTuple

Size = tuple[int, int]
Pad = tuple[int, int]  # zeros before and after an axis


class SameAxis(NamedTuple):
    """One axis of a layer between an image and its strided version, in pixels."""

    length: int  # of the image
    kernel: int
    stride: int
    padding: Pad  # of the image
    outputs: int  # length of the strided version, and of each phase
    kernel_padding: Pad  # that makes the kernel whole strides
    taps: int  # weights of a phase of the kernel
    offset: int  # taps before an output's own position


class SameGeometry(NamedTuple):
    """Both axes of a layer."""

    rows: SameAxis
    columns: SameAxis

    @property
    def size(self) -> Size:
        """Height and width of the image."""
        return self.rows.length, self.columns.length

    @property
    def strided_size(self) -> Size:
        """Height and width of its strided version."""
        return self.rows.outputs, self.columns.outputs

    @property
    def stride(self) -> int:
        """Stride of both axes."""
        return self.rows.stride


def strided_size(size: Size, stride: int) -> Size:
    """Height and width after a "same" convolution of this stride."""
    return -(-size[0] // stride), -(-size[1] // stride)


@lru_cache(maxsize=256)
def same_geometry(size: Size, kernel_size: Size, stride: int) -> SameGeometry:
    """Lay out a layer between an image of ``size`` and its strided version."""
    return SameGeometry(
        *(
            _same_axis(length, kernel, stride)
            for length, kernel in zip(size, kernel_size, strict=True)
        )
    )


def _same_axis(length: int, kernel: int, stride: int) -> SameAxis:
    outputs = -(-length // stride)
    zeros = max((outputs - 1) * stride + kernel - length, 0)
    before = zeros // 2
    front = -before % stride  # then a kernel's phases begin where the image's do
    taps = -(-(front + kernel) // stride)
    return SameAxis(
        length=length,
        kernel=kernel,
        stride=stride,
        padding=(before, zeros - before),
        outputs=outputs,
        kernel_padding=(front, taps * stride - front - kernel),
        taps=taps,
        offset=(before + front) // stride,
    )
