"""Batch norms with the statistics of the whole batch, over all ranks (Ioffe and Szegedy 2015, algorithm 1)."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor
from torch.nn import functional as F

from .job import Norm
from .ranks import Ranks

# As in torch: of the new statistics in the running ones, and what keeps a channel without variance finite.
MOMENTUM = 0.1
EPSILON = 1e-5


def normalise(raw: Tensor, norm: Norm, values: Mapping[str, Tensor], training: bool, ranks: Ranks) -> Tensor:
    """
    `raw` [n, C, h, w] is a convolution's output without its bias. While training the running statistics follow, in place.
    """
    scale, shift = (values[name].reshape(-1) for name in (norm.scale, norm.shift))
    mean, variance = (values[name].reshape(-1) for name in (norm.mean, norm.variance))
    if not training or ranks.world == 1:
        return F.batch_norm(raw, mean, variance, scale, shift, training, MOMENTUM, EPSILON)
    x = raw.float()
    count = ranks.world * x.numel() // x.shape[1]
    now = ranks.sum_with_gradient(x.sum((0, 2, 3))) / count
    centred = x - now[:, None, None]
    spread = ranks.sum_with_gradient((centred * centred).sum((0, 2, 3))) / count
    with torch.no_grad():
        mean.lerp_(now, MOMENTUM)
        variance.lerp_(spread * (count / max(1, count - 1)), MOMENTUM)
    factor = scale / torch.sqrt(spread + EPSILON)
    return (centred * factor[:, None, None] + shift[:, None, None]).to(raw.dtype)


@torch.no_grad()
def calibrate(y: Tensor, norm: Norm, values: Mapping[str, Tensor], ranks: Ranks) -> None:
    """
    Sets a batch norm so that it does to a batch what the convolution's bias did, in place: scale and shift become the batch's
    deviation and mean. `y` is the convolution's output with its bias.
    """
    x = y.float()
    count = ranks.world * x.numel() // x.shape[1]
    mean = ranks.total(x.sum((0, 2, 3))) / count
    variance = ranks.total((x - mean[:, None, None]).square().sum((0, 2, 3))) / count
    bias = values[norm.bias].reshape(-1)
    for name, now in (
        (norm.scale, torch.sqrt(variance + EPSILON)),
        (norm.shift, mean),
        (norm.mean, mean - bias),
        (norm.variance, variance),
    ):
        values[name].copy_(now.reshape(values[name].shape))
