"""The losses against their definitions, written out image by image."""

from __future__ import annotations

import math
import unittest
from dataclasses import replace

import torch
from torch import Tensor
from torch.nn import functional as F

from lookalike_trainer.job import Losses
from lookalike_trainer.losses import classification, ranking

LOSSES = Losses("triplet", 0.2, "softmax", 0.1, 0.5, 1, 1)
# The last image has no other of its class.
LABELS = torch.tensor([0, 0, 1, 1, 1, 2])
NONE = torch.empty(0, 5)


def embeddings() -> Tensor:
    return F.normalize(torch.randn(6, 5, generator=torch.Generator().manual_seed(4)).double())


def cosine(a: Tensor, b: Tensor) -> float:
    return float(a @ b)


def distance(a: Tensor, b: Tensor) -> float:
    return max(1e-3, float((a - b).norm()))


class RankingTest(unittest.TestCase):
    def others(self, i: int, same: bool) -> list[int]:
        return [j for j in range(6) if j != i and bool(LABELS[i] == LABELS[j]) == same]

    def test_triplet(self) -> None:
        x = embeddings()
        hinges = [
            max(
                0.0,
                max(distance(x[i], x[j]) for j in self.others(i, True))
                - min(distance(x[i], x[j]) for j in self.others(i, False))
                + 0.2,
            )
            for i in range(5)
        ]
        loss, active = ranking(x, LABELS, NONE, LOSSES)
        self.assertAlmostEqual(float(loss), sum(hinges) / 5, places=9)
        self.assertAlmostEqual(float(active), sum(h > 0 for h in hinges) / 5, places=9)

    def test_multi_similarity(self) -> None:
        x, total = embeddings(), 0.0
        for i in range(6):
            positive = [cosine(x[i], x[j]) for j in self.others(i, True)]
            negative = [cosine(x[i], x[j]) for j in self.others(i, False)]
            hard_negative = [s for s in negative if s > min(positive, default=math.inf) - 0.2]
            hard_positive = [s for s in positive if s < max(negative) + 0.2]
            total += math.log(1 + sum(math.exp(-2 * (s - 0.5)) for s in hard_positive)) / 2
            total += math.log(1 + sum(math.exp(50 * (s - 0.5)) for s in hard_negative)) / 50
        loss, _ = ranking(x, LABELS, NONE, replace(LOSSES, ranking="multiSimilarity"))
        self.assertAlmostEqual(float(loss), total / 6, places=9)

    def test_contrastive(self) -> None:
        x = embeddings()
        positive = [distance(x[i], x[j]) ** 2 / 2 for i in range(6) for j in self.others(i, True)]
        negative = [max(0.0, 1 - distance(x[i], x[j])) ** 2 / 2 for i in range(6) for j in self.others(i, False)]
        loss, _ = ranking(x, LABELS, NONE, replace(LOSSES, ranking="contrastive", margin=1.0))
        expected = sum(positive) / len(positive) + sum(negative) / len(negative)
        self.assertAlmostEqual(float(loss), expected, places=9)

    def test_proxy_anchor(self) -> None:
        x = embeddings()
        # Of the fourth class the batch has no image.
        proxies = 3 * torch.randn(4, 5, generator=torch.Generator().manual_seed(6)).double()
        s = [[cosine(x[i], proxies[c] / proxies[c].norm()) for c in range(4)] for i in range(6)]
        pulled = pushed = 0.0
        for c in range(4):
            own = [s[i][c] for i in range(6) if int(LABELS[i]) == c]
            others = [s[i][c] for i in range(6) if int(LABELS[i]) != c]
            pulled += math.log(1 + sum(math.exp(-32 * (cosine - 0.1)) for cosine in own)) / 3
            pushed += math.log(1 + sum(math.exp(32 * (cosine + 0.1)) for cosine in others)) / 4
        loss, active = ranking(x, LABELS, proxies, replace(LOSSES, ranking="proxyAnchor", margin=0.1))
        self.assertAlmostEqual(float(loss), pulled + pushed, places=9)
        wrong = [s[i][c] < 0.1 if c == int(LABELS[i]) else s[i][c] > -0.1 for i in range(6) for c in range(4)]
        self.assertAlmostEqual(float(active), sum(wrong) / 24, places=6)

    def test_equal_images_have_a_finite_gradient(self) -> None:
        x = embeddings()[:1].repeat(6, 1).requires_grad_(True)
        loss, _ = ranking(x, LABELS, NONE, LOSSES)
        loss.backward()
        assert x.grad is not None
        self.assertTrue(bool(x.grad.isfinite().all()))


class ClassificationTest(unittest.TestCase):
    def test_softmax_and_focal(self) -> None:
        logits = torch.randn(6, 3, generator=torch.Generator().manual_seed(8)).double()
        softmax = F.cross_entropy(logits / 0.5, LABELS, label_smoothing=0.1, reduction="sum")
        self.assertAlmostEqual(float(classification(logits, LABELS, LOSSES)), float(softmax), places=9)
        total = 0.0
        for i in range(6):
            p = (logits[i] / 0.5).softmax(0).tolist()
            for c in range(3):
                target = 0.1 / 3 + (0.9 if c == int(LABELS[i]) else 0)
                total -= target * (1 - p[c]) ** 2 * math.log(p[c])
        focal = classification(logits, LABELS, replace(LOSSES, classification="focal"))
        self.assertAlmostEqual(float(focal), total, places=9)

    def test_arc_face(self) -> None:
        # The fourth image is so far from its class that the margin would pass pi.
        angles = torch.tensor([[0.3, 1.5, 2.0], [1.0, 2.2, 0.4], [0.8, 0.1, 3.0], [1.2, 3.1, 0.5]]).double()
        labels = torch.tensor([0, 0, 1, 1])
        total = 0.0
        for i in range(4):
            logits = [64 * math.cos(float(angles[i, c])) for c in range(3)]
            own, t = int(labels[i]), float(angles[i, int(labels[i])])
            logits[own] = 64 * (math.cos(t + 0.5) if t + 0.5 < math.pi else math.cos(t) - 0.5 * math.sin(0.5))
            p = torch.tensor(logits).double().log_softmax(0).tolist()
            total -= sum((0.1 / 3 + (0.9 if c == own else 0)) * p[c] for c in range(3))
        arc = classification(angles.cos(), labels, replace(LOSSES, classification="arcFace"))
        self.assertAlmostEqual(float(arc), total, places=5)


if __name__ == "__main__":
    unittest.main()
