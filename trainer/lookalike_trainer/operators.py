"""The operators of a network in torch, each as ONNX (opset 17) defines it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from .job import JobError, Node

# The inputs of a node (tensors; whole numbers where the graph has a constant of them), and its attributes.
Value = Any
Operator = Callable[[Sequence[Value], dict[str, Any]], Tensor]


def apply(node: Node, inputs: Sequence[Value]) -> Tensor:
    operator = OPERATORS.get(node.op)
    if operator is None:
        raise JobError(
            f"The network has the operator {node.op}, which the torch engine lacks. Use the built-in engine."
        )
    return operator(inputs, node.attributes)


def _pads(x: Tensor, kernel: Sequence[int], strides: Sequence[int], attributes: dict[str, Any]) -> list[int]:
    """Rows above, columns left, rows below, columns right."""
    auto = attributes.get("auto_pad", "NOTSET")
    if auto == "VALID":
        return [0, 0, 0, 0]
    if auto in ("SAME_UPPER", "SAME_LOWER"):
        totals = [
            max(0, (-(-size // stride) - 1) * stride + k - size)
            for size, stride, k in zip(x.shape[2:], strides, kernel)
        ]
        less, more = [n // 2 for n in totals], [n - n // 2 for n in totals]
        return less + more if auto == "SAME_UPPER" else more + less
    return list(attributes.get("pads", [0, 0, 0, 0]))


def _padded(x: Tensor, pads: Sequence[int], value: float) -> tuple[Tensor, tuple[int, int]]:
    """The map, and what padding is left to the window's own operator, which only knows even ones."""
    top, left, bottom, right = pads
    if top == bottom and left == right:
        return x, (top, left)
    return F.pad(x, (left, right, top, bottom), value=value), (0, 0)


def convolve(x: Tensor, weights: Tensor, bias: Tensor | None, attributes: dict[str, Any]) -> Tensor:
    strides = attributes.get("strides", [1, 1])
    padded, padding = _padded(x, _pads(x, weights.shape[2:], strides, attributes), 0)
    dilations = tuple(attributes.get("dilations", (1, 1)))
    return F.conv2d(padded, weights, bias, tuple(strides), padding, dilations, attributes.get("group", 1))


def _conv(inputs: Sequence[Value], attributes: dict[str, Any]) -> Tensor:
    return convolve(inputs[0], inputs[1], inputs[2] if len(inputs) > 2 else None, attributes)


def _max_pool(inputs: Sequence[Value], attributes: dict[str, Any]) -> Tensor:
    x: Tensor = inputs[0]
    kernel, strides = attributes["kernel_shape"], attributes.get("strides", [1, 1])
    # torch pads up to half of a window; more, or to one side, by hand.
    padded, padding = _padded(x, _pads(x, kernel, strides, attributes), float("-inf"))
    return F.max_pool2d(padded, tuple(kernel), tuple(strides), padding)


def _clip(inputs: Sequence[Value], attributes: dict[str, Any]) -> Tensor:
    low = _bound(inputs, 1, attributes.get("min"))
    high = _bound(inputs, 2, attributes.get("max"))
    # torch lacks the gradient of this one in half precision on a CPU.
    if low is not None and high is not None and (inputs[0].is_cuda or inputs[0].dtype == torch.float32):
        # Without a gradient at the bounds themselves, as the built-in engine has it.
        return F.hardtanh(inputs[0], low, high)
    return torch.clamp(inputs[0], low, high)


def _bound(inputs: Sequence[Value], i: int, given: float | None) -> float | None:
    return float(inputs[i]) if len(inputs) > i and inputs[i] is not None else given


# Bases nearer to zero get no gradient: that of a root would be infinite there.
_TINY = 1e-12


def _pow(inputs: Sequence[Value], _: dict[str, Any]) -> Tensor:
    x, exponent = inputs[0], inputs[1]
    if not torch.is_grad_enabled():
        return torch.pow(x, exponent)
    small = x.abs() < _TINY
    return torch.where(
        small, torch.pow(x.detach(), exponent.detach()), torch.pow(x.masked_fill(small, _TINY), exponent)
    )


def _sqrt(x: Tensor) -> Tensor:
    if not torch.is_grad_enabled():
        return torch.sqrt(x)
    small = x < _TINY
    return torch.where(small, torch.sqrt(x.detach()), torch.sqrt(x.masked_fill(small, _TINY)))


def _axes(inputs: Sequence[Value], attributes: dict[str, Any]) -> list[int]:
    axes = attributes.get("axes", inputs[1] if len(inputs) > 1 else None)
    return list(range(inputs[0].dim())) if axes is None else list(axes)


def _reduce(how: Callable[[Tensor, list[int], bool], Tensor]) -> Operator:
    return lambda inputs, attributes: how(inputs[0], _axes(inputs, attributes), attributes.get("keepdims", 1) == 1)


def _l2(x: Tensor, axes: list[int], keep: bool) -> Tensor:
    return torch.linalg.vector_norm(x, dim=axes, keepdim=keep)


def _gemm(inputs: Sequence[Value], attributes: dict[str, Any]) -> Tensor:
    a, b = inputs[0], inputs[1]
    product = (a.t() if attributes.get("transA", 0) else a) @ (b.t() if attributes.get("transB", 0) else b)
    product = attributes.get("alpha", 1.0) * product
    return product + attributes.get("beta", 1.0) * inputs[2] if len(inputs) > 2 else product


def _reshape(inputs: Sequence[Value], _: dict[str, Any]) -> Tensor:
    x: Tensor = inputs[0]
    return x.reshape([x.shape[i] if n == 0 else n for i, n in enumerate(inputs[1])])


def _transpose(inputs: Sequence[Value], attributes: dict[str, Any]) -> Tensor:
    x: Tensor = inputs[0]
    return x.permute(attributes.get("perm", list(range(x.dim()))[::-1]))


def _gather(inputs: Sequence[Value], attributes: dict[str, Any]) -> Tensor:
    x, axis = inputs[0], attributes.get("axis", 0)
    indices = torch.as_tensor(inputs[1], device=x.device)
    picked = x.index_select(axis, indices.reshape(-1))
    return picked.reshape([*x.shape[:axis], *indices.shape, *x.shape[axis + 1 :]])


def _slice(inputs: Sequence[Value], _: dict[str, Any]) -> Tensor:
    x, starts, ends = inputs[0], inputs[1], inputs[2]
    axes = inputs[3] if len(inputs) > 3 else range(len(starts))
    steps = inputs[4] if len(inputs) > 4 else [1] * len(starts)
    picked = [slice(None)] * x.dim()
    for start, end, axis, step in zip(starts, ends, axes, steps):
        picked[axis] = slice(start, end, step)
    return x[tuple(picked)]


def _pad(inputs: Sequence[Value], attributes: dict[str, Any]) -> Tensor:
    x, pads = inputs[0], list(inputs[1])
    if attributes.get("mode", "constant") != "constant" or len(inputs) > 3:
        raise JobError("The torch engine only pads all axes with one value. Use the built-in engine.")
    value = float(inputs[2]) if len(inputs) > 2 and inputs[2] is not None else 0.0
    # torch names the last axis first, its two sides next to each other.
    sides = [n for axis in reversed(range(x.dim())) for n in (pads[axis], pads[x.dim() + axis])]
    return F.pad(x, sides, value=value)


def _layer_norm(inputs: Sequence[Value], attributes: dict[str, Any]) -> Tensor:
    x, scale = inputs[0], inputs[1]
    bias = inputs[2] if len(inputs) > 2 else None
    return F.layer_norm(x, x.shape[attributes.get("axis", -1) :], scale, bias, attributes.get("epsilon", 1e-5))


def _fold(how: Callable[[Tensor, Tensor], Tensor]) -> Operator:
    def folded(inputs: Sequence[Value], _: dict[str, Any]) -> Tensor:
        total: Tensor = inputs[0]
        for value in inputs[1:]:
            total = how(total, value)
        return total

    return folded


def _unary(how: Callable[[Tensor], Tensor]) -> Operator:
    return lambda inputs, _: how(inputs[0])


OPERATORS: dict[str, Operator] = {
    "Add": _fold(torch.add),
    "Sub": _fold(torch.sub),
    "Mul": _fold(torch.mul),
    "Div": _fold(torch.div),
    "Pow": _pow,
    "Max": _fold(torch.maximum),
    "Min": _fold(torch.minimum),
    "Relu": _unary(F.relu),
    "Sigmoid": _unary(torch.sigmoid),
    "Tanh": _unary(torch.tanh),
    "Erf": _unary(torch.erf),
    "Exp": _unary(torch.exp),
    "Log": _unary(torch.log),
    "Sqrt": _unary(_sqrt),
    "Neg": _unary(torch.neg),
    "Abs": _unary(torch.abs),
    "Identity": _unary(lambda x: x),
    "Cast": _unary(lambda x: x.float()),
    "Equal": lambda inputs, _: torch.eq(inputs[0], inputs[1]),
    "Greater": lambda inputs, _: torch.gt(inputs[0], inputs[1]),
    "Less": lambda inputs, _: torch.lt(inputs[0], inputs[1]),
    "Clip": _clip,
    "Conv": _conv,
    "MaxPool": _max_pool,
    "GlobalAveragePool": _unary(lambda x: x.mean((2, 3), keepdim=True)),
    "GlobalMaxPool": _unary(lambda x: x.amax((2, 3), keepdim=True)),
    "MatMul": _fold(torch.matmul),
    "Gemm": _gemm,
    "Pad": _pad,
    "Flatten": lambda inputs, attributes: inputs[0].flatten(attributes.get("axis", 1)),
    "Reshape": _reshape,
    "Transpose": _transpose,
    "Concat": lambda inputs, attributes: torch.cat(list(inputs), attributes["axis"]),
    "Gather": _gather,
    "Slice": _slice,
    "Softmax": lambda inputs, attributes: inputs[0].softmax(attributes.get("axis", -1)),
    "LayerNormalization": _layer_norm,
    "ReduceSum": _reduce(lambda x, axes, keep: x.sum(axes, keepdim=keep)),
    "ReduceMean": _reduce(lambda x, axes, keep: x.mean(axes, keepdim=keep)),
    "ReduceMax": _reduce(lambda x, axes, keep: x.amax(axes, keepdim=keep)),
    "ReduceMin": _reduce(lambda x, axes, keep: x.amin(axes, keepdim=keep)),
    "ReduceL2": _reduce(_l2),
}
