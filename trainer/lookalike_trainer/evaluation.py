"""Embeds images with the network as it is, and says how well those of a class find each other."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from .data import ImageFile
from .network import Network
from .ranks import Ranks

# Images per run.
BATCH = 32
# Queries at a time.
CHUNK = 1024
# Results that are looked at, at most, as in the built-in engine.
MAX_RESULTS = 100


@torch.no_grad()
def embed(network: Network, images: ImageFile, ranks: Ranks) -> list[Tensor]:
    """The branches [n, dim] of all images, float32, on every rank; the ranks share the work."""
    count = images.about.count
    each = -(-count // ranks.world)
    training = network.training
    network.eval()
    parts: list[list[Tensor]] = []
    for start in range(0, each, BATCH):
        # Every rank takes part in each exchange: behind the last image it embeds that one again.
        rows = [min(count - 1, ranks.rank * each + i) for i in range(start, min(each, start + BATCH))]
        whole = images.whole(slice(rows[0], rows[-1] + 1))
        branches = network(*[x.to(ranks.device) for x in whole]).branches
        missing = len(rows) - len(branches[0])
        parts.append([torch.cat([rows_, rows_[-1:].expand(missing, -1)]) if missing else rows_ for rows_ in branches])
    network.train(training)
    return [ranks.gathered(torch.cat(rows))[:count] for rows in zip(*parts)]


@torch.no_grad()
def precisions(branches: Sequence[Tensor], labels: Tensor) -> list[float]:
    """
    How well each image finds the others of its class by the combined score: the average precision of its first R results,
    where R is how many others there are (their mean is MAP@R: Musgrave et al. 2020, section 2.3), at most 100.
    """
    combined = torch.cat(list(branches), 1) / math.sqrt(len(branches))
    labels = labels.to(combined.device)
    sizes = torch.bincount(labels)[labels]
    most = min(MAX_RESULTS, int(sizes.max()) - 1)
    if most < 1:
        return []
    places = torch.arange(1, most + 1, device=combined.device)
    found: list[Tensor] = []
    for start in range(0, len(combined), CHUNK):
        rows = torch.arange(start, min(len(combined), start + CHUNK), device=combined.device)
        scores = combined[rows] @ combined.t()
        scores[torch.arange(len(rows)), rows] = -math.inf
        nearest = scores.topk(most).indices
        relevant = (sizes[rows] - 1).clamp(max=most)
        right = (labels[nearest] == labels[rows][:, None]) & (places <= relevant[:, None])
        sums = (right * right.cumsum(1) / places).sum(1)
        found.append((sums / relevant.clamp(min=1))[relevant > 0])
    return [float(x) for x in torch.cat(found)]


def mean_of(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def clearly_better(before: Sequence[float], now: Sequence[float]) -> bool:
    """Whether the mean of the differences, query by query, is above its standard error."""
    differences = [b - a for a, b in zip(before, now)]
    mean = mean_of(differences)
    variance = mean_of([(x - mean) ** 2 for x in differences])
    return mean > math.sqrt(variance / len(differences))
