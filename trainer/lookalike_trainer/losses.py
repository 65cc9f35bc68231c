"""The losses of CGD (arXiv 1903.10663, section 3.3), as docs/training-step.md defines them."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

from .job import Losses

# Squared distances below this count as this: the root of zero has no gradient.
LEAST_SQUARED = 1e-6
# Scales of positive and negative pairs and the threshold, as in the code of Wang et al.
ALPHA, BETA, THRESHOLD = 2.0, 50.0, 0.5
# Scale of the cosines to proxies, as in the paper of Kim et al.
PROXY_ALPHA = 32.0
# Focusing exponent of Lin et al.
GAMMA = 2
# Scale of the cosines and margin in radians, as in the paper of Deng et al.
ARC_SCALE, ARC_MARGIN = 64.0, 0.5


class Pairs:
    """All pairs of a batch of n images: cosine, Euclidean distance, and whether they are of one class or of two."""

    def __init__(self, embeddings: Tensor, labels: Tensor) -> None:
        self.similarity = embeddings @ embeddings.t()
        squared = 2 - 2 * self.similarity
        self.distance = torch.where(squared > LEAST_SQUARED, squared, torch.full_like(squared, LEAST_SQUARED)).sqrt()
        same = labels[:, None] == labels[None]
        self.positive = same & ~torch.eye(len(labels), dtype=torch.bool, device=labels.device)
        self.negative = ~same


def _share(total: Tensor, count: Tensor) -> Tensor:
    return total / count.clamp(min=1)


def triplet(pairs: Pairs, margin: float) -> tuple[Tensor, Tensor]:
    """Batch-hard triplets (Hermans et al. 2017, equation 5); an anchor without a positive or a negative is left out."""
    farthest = pairs.distance.masked_fill(~pairs.positive, 0).amax(1)
    nearest = pairs.distance.masked_fill(~pairs.negative, float("inf")).amin(1)
    anchors = pairs.positive.any(1) & pairs.negative.any(1)
    hinge = torch.relu(farthest - nearest + margin)
    hinge = torch.where(anchors, hinge, torch.zeros_like(hinge))
    count = anchors.sum()
    return _share(hinge.sum(), count), _share((hinge > 0).sum(), count)


def multi_similarity(pairs: Pairs, margin: float) -> tuple[Tensor, Tensor]:
    """Multi-similarity (Wang et al. 2019, equations 8 to 11); which pairs are hard has no gradient."""
    s = pairs.similarity
    with torch.no_grad():
        least = s.masked_fill(~pairs.positive, float("inf")).amin(1, keepdim=True)
        most = s.masked_fill(~pairs.negative, float("-inf")).amax(1, keepdim=True)
        negatives = pairs.negative & (s > least - margin)
        positives = pairs.positive & (s < most + margin)

    def side(chosen: Tensor, scale: float) -> Tensor:
        weights = torch.exp((s - THRESHOLD) * scale)
        return torch.log1p(torch.where(chosen, weights, torch.zeros_like(weights)).sum(1)) / abs(scale)

    loss = (side(positives, -ALPHA) + side(negatives, BETA)).mean()
    return loss, _share((positives.sum() + negatives.sum()), (pairs.positive.sum() + pairs.negative.sum()))


def contrastive(pairs: Pairs, margin: float) -> tuple[Tensor, Tensor]:
    """Contrastive (Hadsell et al. 2006, equation 4), as the sum of two means."""

    def half(value: Tensor, chosen: Tensor) -> Tensor:
        return 0.5 * _share(torch.where(chosen, value * value, torch.zeros_like(value)).sum(), chosen.sum())

    missing = torch.relu(margin - pairs.distance)
    active = pairs.positive.sum() + (pairs.negative & (missing > 0)).sum()
    loss = half(pairs.distance, pairs.positive) + half(missing, pairs.negative)
    return loss, _share(active, pairs.positive.sum() + pairs.negative.sum())


def proxy_anchor(embeddings: Tensor, labels: Tensor, proxies: Tensor, margin: float) -> tuple[Tensor, Tensor]:
    """Proxy-Anchor (Kim et al. 2020, equation 4); `proxies` [classes, d] are brought to norm 1 here."""
    cosines = embeddings @ F.normalize(proxies).t()
    own = F.one_hot(labels, len(proxies)).bool()

    def side(sign: int, chosen: Tensor) -> Tensor:
        powers = torch.exp(sign * PROXY_ALPHA * (cosines + sign * margin))
        return torch.log1p(torch.where(chosen, powers, torch.zeros_like(powers)).sum(0)).sum()

    loss = _share(side(-1, own), own.any(0).sum()) + side(1, ~own) / len(proxies)
    wrong = (own & (cosines < margin)).sum() + (~own & (cosines > -margin)).sum()
    return loss, wrong / cosines.numel()


RANKINGS: dict[str, Callable[[Pairs, float], tuple[Tensor, Tensor]]] = {
    "triplet": triplet,
    "multiSimilarity": multi_similarity,
    "contrastive": contrastive,
}


def ranking(embeddings: Tensor, labels: Tensor, proxies: Tensor, losses: Losses) -> tuple[Tensor, Tensor]:
    """
    The ranking loss of embeddings [n, d] of norm 1, and the share of triplets or pairs that give a gradient. `proxies`
    [classes, d] are of use to Proxy-Anchor alone.
    """
    if losses.ranking == "proxyAnchor":
        return proxy_anchor(embeddings, labels, proxies, losses.margin)
    return RANKINGS[losses.ranking](Pairs(embeddings, labels), losses.margin)


def angular(cosine: Tensor, labels: Tensor) -> Tensor:
    """The logits of ArcFace (Deng et al. 2019, equation 3); past pi the margin is a constant, as in the authors' code."""
    sine = (1 - cosine * cosine).clamp(min=LEAST_SQUARED).sqrt()
    turned = cosine * math.cos(ARC_MARGIN) - sine * math.sin(ARC_MARGIN)
    lowered = cosine - ARC_MARGIN * math.sin(ARC_MARGIN)
    harder = torch.where(cosine > -math.cos(ARC_MARGIN), turned, lowered)
    return ARC_SCALE * torch.where(F.one_hot(labels, cosine.shape[1]).bool(), harder, cosine)


def classification(logits: Tensor, labels: Tensor, losses: Losses) -> Tensor:
    """
    The sum over images of the classification loss of logits [n, classes], before the temperature; of ArcFace they are the
    cosines between images and classes.
    """
    if losses.classification == "none" or logits.shape[1] == 0:
        return logits.new_zeros(())
    scaled = angular(logits, labels) if losses.classification == "arcFace" else logits / losses.temperature
    log_probabilities = F.log_softmax(scaled, 1)
    classes, smoothing = logits.shape[1], losses.label_smoothing
    targets = F.one_hot(labels, classes).to(logits.dtype) * (1 - smoothing) + smoothing / classes
    if losses.classification == "focal":
        targets = targets * (1 - log_probabilities.exp()) ** GAMMA
    return -(targets * log_probabilities).sum()
