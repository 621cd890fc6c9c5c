"""Layers with "same" padding: three arithmetics, one result."""

import copy
import pickle

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import example, given, settings
from hypothesis import strategies as st
from torch._subclasses.fake_tensor import FakeTensorMode

from sklearn_baccaec.nn import SameConv2d, SameConvTranspose2d
from sklearn_baccaec.nn._fourier import _axis_tables
from sklearn_baccaec.nn._same_geometry import same_geometry

KINDS = [SameConv2d, SameConvTranspose2d]
WAYS = ["direct", "fourier"]

few_examples = settings(max_examples=60, deadline=None)
sides = st.integers(1, 34)
layers = {
    "kind": st.sampled_from(KINDS),
    "arithmetic": st.sampled_from(
        [("banded", 1), *((way, stride) for way in WAYS for stride in (1, 2, 3, 4))]
    ),
    "size": st.tuples(sides, sides),
    "kernel": st.tuples(st.integers(1, 31), st.integers(1, 31)),
    "channels": st.tuples(st.integers(1, 5), st.integers(1, 5)),
    "n_images": st.integers(1, 3),
    "seed": st.integers(0, 99),
}


def same_zeros(length, kernel, stride):
    """TensorFlow's rule, from its documentation of padding="SAME"."""
    zeros = max(kernel - (length % stride or stride), 0)
    return zeros // 2, zeros - zeros // 2


def convolve(x, weight, bias, stride):
    """Sum directly, in the precision of the operands."""
    rows, columns = (
        same_zeros(x.shape[axis], weight.shape[axis], stride) for axis in (2, 3)
    )
    return F.conv2d(F.pad(x, (*columns, *rows)), weight, bias, stride=stride)


def spread(x, weight, bias, stride, size):
    """Sum directly: the transpose, written down without `convolve`."""
    top, left = (
        same_zeros(size[axis], weight.shape[axis + 2], stride)[0] for axis in (0, 1)
    )
    y = F.conv_transpose2d(x, weight, stride=stride)
    y = F.pad(y, (0, stride, 0, stride))  # pixels that no weight reaches
    y = y[:, :, top : top + size[0], left : left + size[1]]
    return y if bias is None else y + bias[:, None, None]


def reference(layer, x, weight, bias):
    if isinstance(layer, SameConvTranspose2d):
        return spread(x, weight, bias, layer.stride, layer.size)
    return convolve(x, weight, bias, layer.stride)


def make(kind, size, kernel, stride, channels=(2, 3), n_images=2, seed=0, **options):
    """Return a layer for images of this size, and images for it."""
    dtype = options.pop("dtype", torch.float64)
    arithmetic = options.pop("arithmetic", None)
    generator = torch.Generator().manual_seed(seed)
    if kind is SameConvTranspose2d:
        options["size"] = size
        size = tuple(-(-side // stride) for side in size)
    layer = kind(*channels, kernel, stride, generator=generator, **options).to(dtype)
    if layer.bias is not None:
        with torch.no_grad():
            layer.bias.uniform_(-1, 1, generator=generator)
    if arithmetic is not None:
        layer.arithmetic = lambda x: arithmetic
    x = torch.randn(n_images, channels[0], *size, generator=generator, dtype=dtype)
    return layer, x.requires_grad_()


def outcome(y, *operands):
    """Output and gradients."""
    generator = torch.Generator().manual_seed(1)
    gradient = torch.randn(y.shape, generator=generator, dtype=torch.float64)
    return y, *torch.autograd.grad(y, operands, gradient.to(y.dtype))


def assert_all_close(values, expected, **tolerances):
    for value, true in zip(values, expected, strict=True):
        torch.testing.assert_close(value, true, **tolerances)


@few_examples
@given(**layers)
@example(SameConv2d, ("fourier", 2), (64, 64), (30, 30), (4, 8), 2, 0)
@example(SameConvTranspose2d, ("fourier", 2), (64, 64), (30, 30), (8, 4), 2, 0)
@example(SameConv2d, ("fourier", 1), (3, 2), (30, 31), (1, 1), 1, 0)
def test_outputs_and_gradients_equal_direct_sums(
    kind, arithmetic, size, kernel, channels, n_images, seed
):
    way, stride = arithmetic
    shape = size, kernel, stride
    layer, x = make(kind, *shape, channels, n_images, seed, arithmetic=way)
    operands = x, layer.weight, layer.bias
    y = layer(x)
    strided = tuple(int(np.ceil(side / stride)) for side in size)
    out = strided if kind is SameConv2d else size
    assert y.shape == (n_images, channels[1], *out)
    expected = outcome(reference(layer, *operands), *operands)
    assert_all_close(outcome(y, *operands), expected, rtol=0, atol=1e-10)


def relative_error(value, true, least):
    scale = max(true.abs().max().item(), least)
    return (value.double() - true).abs().max().item() / scale


@few_examples
@given(**layers)
@example(SameConv2d, ("fourier", 2), (64, 64), (30, 30), (4, 8), 16, 0)
@example(SameConv2d, ("fourier", 2), (128, 128), (30, 30), (4, 8), 1, 0)
@example(SameConvTranspose2d, ("fourier", 2), (128, 128), (30, 30), (8, 4), 1, 0)
@example(SameConvTranspose2d, ("fourier", 3), (26, 20), (1, 1), (1, 1), 2, 3)
@example(SameConv2d, ("banded", 1), (64, 64), (3, 3), (4, 4), 16, 0)
@example(SameConv2d, ("fourier", 1), (1, 1), (23, 29), (1, 2), 1, 86)
def test_single_precision_is_as_exact_as_torch(
    kind, arithmetic, size, kernel, channels, n_images, seed
):
    way, stride = arithmetic
    options = {"dtype": torch.float32, "arithmetic": way}
    layer, x = make(kind, size, kernel, stride, channels, n_images, seed, **options)
    operands = x, layer.weight, layer.bias
    exact = [value.detach().double().requires_grad_() for value in operands]
    true = outcome(reference(layer, *exact), *exact)
    plain = outcome(reference(layer, *operands), *operands)
    # Where there are few pixels or weights, a sum may cancel: its terms are at least of
    # this size, and their rounding is what both ways are held to.
    leasts = (1e-2, 1e-2, 1, 1)
    for value, direct, right, least in zip(
        outcome(layer(x), *operands), plain, true, leasts, strict=True
    ):
        error, allowed = (relative_error(v, right, least) for v in (value, direct))
        assert error <= max(1e-5, allowed)


@few_examples
@given(**{name: drawn for name, drawn in layers.items() if name != "kind"})
def test_transposed_convolution_is_the_adjoint(
    arithmetic, size, kernel, channels, n_images, seed
):
    way, stride = arithmetic
    shape = size, kernel, stride
    options = {"bias": False, "arithmetic": way}
    down, x = make(SameConv2d, *shape, channels, n_images, seed, **options)
    up, _ = make(SameConvTranspose2d, *shape, channels[::-1], **options)
    up.load_state_dict(down.state_dict())
    image = down(x)
    y = torch.randn_like(image)
    scale = 1 + image.norm().item() * y.norm().item()
    assert abs((image * y).sum() - (x * up(y)).sum()).item() < 1e-12 * scale


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize(
    ("arithmetic", "kernel", "stride"),
    [("direct", 3, 2), ("banded", (4, 5), 1), ("fourier", (11, 6), 2)],
)
def test_gradcheck(kind, arithmetic, kernel, stride, bias):
    layer, x = make(
        kind, (11, 12), kernel, stride, bias=bias, arithmetic=arithmetic, n_images=1
    )
    names = [name for name, _ in layer.named_parameters()]

    def forward(x, *parameters):
        values = dict(zip(names, parameters, strict=True))
        return torch.func.functional_call(layer, values, (x,))

    inputs = [x, *layer.parameters()]
    assert torch.autograd.gradcheck(forward, inputs, fast_mode=True)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("arithmetic", ["banded", "fourier"])
@pytest.mark.parametrize("wanted", [(), (0,), (1,), (2,), (0, 1), (1, 2)])
def test_gradients_of_what_asks_for_them(kind, arithmetic, wanted):
    layer, x = make(kind, (9, 10), 3, 1, arithmetic=arithmetic)
    operands = x, layer.weight, layer.bias
    everything = torch.autograd.grad(layer(x).square().sum(), operands)
    for position, operand in enumerate(operands):
        operand.requires_grad_(position in wanted)
    y = layer(x)
    assert y.requires_grad == bool(wanted)
    if wanted:
        y.square().sum().backward()
    for position, operand in enumerate(operands):
        if position in wanted:
            torch.testing.assert_close(operand.grad, everything[position])
        else:
            assert operand.grad is None


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("arithmetic", ["direct", "banded", "fourier"])
def test_memory_order_does_not_matter(kind, arithmetic):
    layer, x = make(kind, (12, 14), 5, 1, arithmetic=arithmetic)
    expected = outcome(layer(x), x, layer.weight)
    wide = torch.randn(2, 4, 24, 28, dtype=x.dtype)
    cut = wide[:, 1:3, ::2, 1::2]
    with torch.no_grad():
        cut.copy_(x)
    for other in (
        x.detach().contiguous(memory_format=torch.channels_last),
        x.detach().permute(2, 1, 3, 0).contiguous().permute(3, 1, 0, 2),
        cut,
    ):
        assert not other.is_contiguous()
        other.requires_grad_()
        assert_all_close(outcome(layer(other), other, layer.weight), expected)
    one = layer(x[:1].detach().expand(2, -1, -1, -1))
    torch.testing.assert_close(one[1], expected[0][0])
    y = layer(x)  # and a gradient of ones that has no memory of its own
    torch.testing.assert_close(
        torch.autograd.grad(y.sum(), x),
        torch.autograd.grad(layer(x), x, torch.ones_like(y)),
    )


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("kernel", [3, 30])
@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("convolution", ["auto", "fourier"])
def test_empty_batch(kind, kernel, stride, convolution):
    options = {"dtype": torch.float32, "convolution": convolution}
    layer, x = make(kind, (16, 18), kernel, stride, n_images=0, **options)
    y = layer(x)
    size = (16, 18) if kind is SameConvTranspose2d else (16 // stride, 18 // stride)
    assert y.shape == (0, 3, *size)
    y.sum().backward()
    assert x.grad.shape == x.shape
    assert not layer.weight.grad.any()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_and_autocast(kind, dtype):
    layer, x = make(kind, (12, 12), 9, 1, dtype=torch.float32)
    low = copy.deepcopy(layer).to(dtype)
    y = low(x.to(dtype))
    assert y.dtype == dtype
    torch.testing.assert_close(y.float(), layer(x), rtol=0.05, atol=0.05)
    layer.convolution = low.convolution = "fourier"
    with torch.autocast("cpu", torch.bfloat16):
        assert layer.arithmetic(x) == "direct"
        y = layer(x.bfloat16())
    torch.testing.assert_close(y.float(), layer(x), rtol=0.05, atol=0.05)
    with pytest.raises(TypeError, match=r"needs float32 or float64, got torch\.\w*16"):
        low(x.to(dtype))


@pytest.mark.parametrize("kind", KINDS)
def test_bad_input_is_named(kind):
    layer, x = make(kind, (12, 12), 9, 1)
    with pytest.raises(TypeError, match=r"images are torch.float32 but weights"):
        layer(x.float())
    for wrong in (x[:, :1], x[0], x[:, :, :0], x.flatten(2)):
        with pytest.raises(ValueError, match=r"shape \(n_images, 2, height, width\)"):
            layer(wrong)
    with pytest.raises(ValueError, match="convolution must be one of"):
        kind(1, 1, 3, convolution="fast")
    for numbers, name in (
        ((0, 1, 3), "in_channels"),
        ((1, 0, 3), "out_channels"),
        ((1, 1, 0), "kernel_size"),
        ((1, 1, (3, 0)), "kernel_size"),
        ((1, 1, 3.0), "kernel_size"),
        ((1, 1, 3, 0), "stride"),
        ((1, 1, 3, 2.0), "stride"),
        ((1, 1, 3, -1), "stride"),
        ((1, 1, 3, (2, 1)), "stride"),
        (((2, 5), 1, 3), "in_channels"),
    ):
        with pytest.raises(ValueError, match=f"{name} must be a positive integer"):
            kind(*numbers)
    with pytest.raises(ValueError, match="kernel_size must be one integer or two"):
        kind(1, 1, (3, 3, 3))
    same = kind(np.int64(2), np.int32(3), [9, 9], np.uint8(1)).double()
    same.load_state_dict(layer.state_dict())
    assert torch.equal(same(x), layer(x))


def test_transposed_layer_needs_a_size_that_fits():
    layer, _ = make(SameConvTranspose2d, (12, 13), 5, 2)
    with pytest.raises(ValueError, match=r"\(12, 13\) pixels come from \(6, 7\)"):
        layer(torch.zeros(1, 2, 6, 6, dtype=torch.float64))
    with pytest.raises(ValueError, match="size must be a positive integer"):
        SameConvTranspose2d(1, 1, 3, size=(9.0, 9))
    layer.size = None
    assert layer(torch.zeros(1, 2, 6, 6, dtype=torch.float64)).shape[2:] == (12, 12)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("kernel", [3, 12])
def test_copies_give_the_same(kind, kernel):
    layer, x = make(kind, (20, 20), kernel, 1, dtype=torch.float32)
    y = layer(x)
    for twin in (copy.deepcopy(layer), pickle.loads(pickle.dumps(layer))):
        assert torch.equal(twin(x), y)
    for convolution in ("direct", "fourier"):
        twin = kind(2, 3, kernel, convolution=convolution)
        twin.load_state_dict(layer.state_dict())
        torch.testing.assert_close(twin(x), y)
    assert f"kernel_size=({kernel}, {kernel})" in repr(layer)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "mode",
    [
        torch.inference_mode,
        FakeTensorMode,
        lambda: torch.device("meta"),
        lambda: torch.autocast("cpu", torch.bfloat16),
    ],
    ids=["inference", "fake", "meta", "autocast"],
)
def test_modes_of_torch_leave_nothing_behind(kind, mode):
    _axis_tables.cache_clear()
    same_geometry.cache_clear()
    with mode():
        kind(2, 3, 7, convolution="fourier")(torch.ones(2, 2, 17, 19))
    layer, x = make(kind, (17, 19), 7, 1, dtype=torch.float32, convolution="fourier")
    y = layer(x)
    operands = x, layer.weight, layer.bias
    torch.testing.assert_close(y, reference(layer, *operands))
    y.sum().backward()
    assert x.grad.isfinite().all()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("arithmetic", ["direct", "banded", "fourier"])
def test_under_other_hands(kind, arithmetic):
    """What is saved for the backward pass may move; outputs may be changed in place."""
    layer, x = make(kind, (12, 13), (3, 5), 1, arithmetic=arithmetic)
    operands = x, layer.weight, layer.bias
    expected = outcome(F.leaky_relu(layer(x)), *operands)
    elsewhere = torch.zeros(100_000, dtype=x.dtype)
    used = 7

    def move(tensor):
        nonlocal used
        place = elsewhere[used : used + 2 * tensor.numel() : 2].view(tensor.shape)
        used += 2 * tensor.numel()
        return place.copy_(tensor)

    with torch.autograd.graph.saved_tensors_hooks(move, lambda tensor: tensor):
        y = layer(x)
    assert_all_close(outcome(F.leaky_relu(y, inplace=True), *operands), expected)
    again = torch.utils.checkpoint.checkpoint(layer, x, use_reentrant=False)
    assert_all_close(outcome(F.leaky_relu(again), *operands), expected)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("arithmetic", ["banded", "fourier"])
@pytest.mark.parametrize("kernel", [(1, 1), (2, 3), (7, 5)])
def test_nothing_is_read_before_it_is_written(kind, arithmetic, kernel):
    torch.use_deterministic_algorithms(True)  # fills new memory with NaN
    try:
        assert torch.empty(1).isnan()
        layer, x = make(kind, (4, 5), kernel, 1, (1, 1), 1, arithmetic=arithmetic)
        for value in outcome(layer(x), x, layer.weight, layer.bias):
            assert value.isfinite().all()
    finally:
        torch.use_deterministic_algorithms(False)


@pytest.mark.parametrize("arithmetic", ["banded", "fourier"])
def test_second_derivatives_are_refused(arithmetic):
    layer, x = make(SameConv2d, (8, 8), 5, 1, arithmetic=arithmetic)
    (gradient,) = torch.autograd.grad(layer(x).square().sum(), x, create_graph=True)
    with pytest.raises(RuntimeError, match="once_differentiable"):
        gradient.sum().backward()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("channels", "kernel", "stride", "expected"),
    [
        ((4, 8), 30, 2, "fourier"),
        ((8, 4), 15, 2, "fourier"),
        ((1, 1), 8, 1, "fourier"),
        ((1, 1), 11, 2, "direct"),
        ((1, 1), 12, 2, "fourier"),
        ((8, 8), 3, 1, "banded"),
        ((2, 2), 3, 2, "direct"),
        ((4, 16), 3, 1, "direct"),
    ],
)
def test_the_choice_is_visible(kind, channels, kernel, stride, expected):
    layer = kind(*channels, kernel, stride)
    x = torch.zeros(16, channels[0], 8, 8)
    assert layer.arithmetic(x) == expected
    if expected == "fourier" and kernel < 30:  # one film is not worth it
        assert layer.arithmetic(x[:1]) != "fourier"
    assert layer.arithmetic(x.double()) == "direct"
    assert layer.arithmetic(x.to("meta")) == "direct"
    for convolution in ("direct", "fourier"):
        layer = kind(*channels, kernel, stride, convolution=convolution)
        assert layer.arithmetic(x) == convolution


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("convolution", ["auto", "fourier"])
def test_on_cuda(kind, convolution):
    layer, x = make(kind, (64, 64), 30, 2, convolution=convolution)
    expected = outcome(layer(x), x, layer.weight, layer.bias)
    layer = layer.cuda()
    there = x.detach().cuda().requires_grad_()
    values = outcome(layer(there).cpu(), there, layer.weight, layer.bias)
    assert_all_close([value.cpu() for value in values], expected)


@pytest.mark.parametrize(
    ("kernel", "before", "after"), [(30, 14, 14), (15, 6, 7), (3, 0, 1)]
)
def test_padding_of_the_papers_strided_layers(kernel, before, after):
    layer = SameConv2d(1, 1, kernel, 2, bias=False)
    with torch.no_grad():
        layer.weight.fill_(1)
    x = torch.zeros(1, 1, 256, 64)
    x[..., 0] = 1  # which outputs 0 to before // 2 see
    seen = layer(x)[0, 0, 64] > 0.5
    assert seen.sum() == before // 2 + 1
    seen = layer(x.flip(3))[0, 0, 64] > 0.5
    assert seen.sum() == after // 2 + 1


def test_initial_weights_are_glorot_uniform():
    layer, _ = make(SameConv2d, (64, 64), 30, 2, (8, 8))
    bound = (6 / (30 * 30 * 16)) ** 0.5
    weight = layer.weight.detach()
    assert weight.abs().max() <= bound
    assert weight.std().item() == pytest.approx(bound / 3**0.5, rel=0.01)
