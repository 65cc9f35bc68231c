"""A small job: two convolutions, SPoC and GeM with an FC each, on pictures of noise around a colour per class."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from lookalike_trainer.job import FORMAT, JOB, PIXELS, PLAN, START, Job, read_job
from lookalike_trainer.tensors import write_tensors

CLASSES, EACH, SIDE, WHOLE, DIM = 6, 4, 12, 14, 4


def _node(op: str, inputs: list[str], output: str, backbone: bool = False, **attributes: Any) -> dict[str, Any]:
    return {"op": op, "inputs": inputs, "output": output, "attributes": attributes, "backbone": backbone}


def _nodes() -> list[dict[str, Any]]:
    conv: dict[str, Any] = {"kernel_shape": [3, 3], "strides": [2, 2], "pads": [1, 1, 1, 1]}
    nodes = [
        _node("Transpose", ["image"], "planes", True, perm=[0, 3, 1, 2]),
        _node("Cast", ["planes"], "floats", True, to=1),
        _node("Div", ["floats", "scale"], "pixels", True),
        _node("Conv", ["pixels", "w1", "b1"], "c1", True, **conv),
        _node("Relu", ["c1"], "r1", True),
        _node("Conv", ["r1", "w2", "b2"], "c2", True, **{**conv, "auto_pad": "SAME_UPPER"}),
        _node("Clip", ["c2", "zero", "six"], "map", True),
        _node("ReduceMean", ["map"], "spoc/pooled", axes=[2, 3], keepdims=0),
        _node("Max", ["p", "least"], "p/positive"),
        _node("Div", ["one", "p/positive"], "p/inverse"),
        _node("Pow", ["map", "p/positive"], "powers"),
        _node("ReduceMean", ["powers"], "powers/mean", axes=[2, 3], keepdims=0),
        _node("Pow", ["powers/mean", "p/inverse"], "gem/pooled"),
    ]
    for branch in ("spoc", "gem"):
        nodes += [
            _node("MatMul", [f"{branch}/pooled", f"{branch}/fc"], f"{branch}/product"),
            _node("ReduceL2", [f"{branch}/product"], f"{branch}/norm", axes=[1], keepdims=1),
            _node("Max", [f"{branch}/norm", "tiny"], f"{branch}/bounded"),
            _node("Div", [f"{branch}/product", f"{branch}/bounded"], branch),
        ]
    nodes += [_node("Concat", ["spoc", "gem"], "both", axis=1), _node("Div", ["both", "root"], "combined")]
    return nodes


def start(norms: bool, proxies: bool = False) -> dict[str, Tensor]:
    generator = torch.Generator().manual_seed(3)

    def normal(*shape: int, scale: float) -> Tensor:
        return scale * torch.randn(*shape, generator=generator)

    tensors = {
        "w1": normal(8, 3, 3, 3, scale=0.3),
        "b1": torch.full((8,), 0.1),
        "w2": normal(10, 8, 3, 3, scale=0.2),
        "b2": torch.full((10,), 0.1),
        "p": torch.tensor(3.0),
        "spoc/fc": normal(10, DIM, scale=0.5),
        "gem/fc": normal(10, DIM, scale=0.5),
        "classifier/weights": normal(10, CLASSES, scale=0.3),
        "classifier/bias": torch.zeros(CLASSES),
    }
    if proxies:
        tensors["proxies/weights"] = normal(CLASSES, 2 * DIM, scale=0.3)
    constants = {"scale": 255.0, "zero": 0.0, "six": 6.0, "least": 0.1, "one": 1.0, "tiny": 1e-12, "root": 2**0.5}
    tensors.update({name: torch.tensor(value) for name, value in constants.items()})
    if norms:
        for name, channels in (("w1", 8), ("w2", 10)):
            tensors[f"{name}/scale"], tensors[f"{name}/shift"] = (
                torch.ones(1, channels, 1, 1),
                torch.zeros(1, channels, 1, 1),
            )
            tensors[f"{name}/mean"] = torch.zeros(1, channels, 1, 1)
            tensors[f"{name}/variance"] = torch.ones(1, channels, 1, 1)
    return tensors


def pictures(side: int, seed: int) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    colours = torch.rand(CLASSES, 1, 1, 1, 3, generator=torch.Generator().manual_seed(1)) * 200
    noise = torch.rand(CLASSES, EACH, side, side, 3, generator=generator) * 50
    return (colours + noise).to(torch.uint8).reshape(CLASSES * EACH, side, side, 3)


def make_job(folder: Path, epochs: int = 4, norms: bool = False, proxies: bool = False, **changes: Any) -> Job:
    """
    A step takes four classes with two images each; an epoch has three steps. With proxies also ArcFace, and no validation:
    the latest weights are the best.
    """
    folder.mkdir(parents=True, exist_ok=True)
    write_tensors(folder / START, start(norms, proxies))
    labels = [i // EACH for i in range(CLASSES * EACH)]
    (folder / PIXELS["train"]).write_bytes(bytes(pictures(WHOLE, 5).flatten().tolist()))
    for part, seed in (("validation", 6), ("test", 7)):
        (folder / PIXELS[part]).write_bytes(bytes(pictures(SIDE, seed).flatten().tolist()))
    generator = torch.Generator().manual_seed(9)
    entries: list[int] = []
    for _ in range(3 * epochs):
        for label in torch.randperm(CLASSES, generator=generator)[:4].tolist():
            for image in torch.randperm(EACH, generator=generator)[:2].tolist():
                place = torch.randint(0, 3, (2,), generator=generator).tolist()
                entries += [label * EACH + image, *place, int(torch.randint(0, 2, (1,), generator=generator))]
    (folder / PLAN).write_bytes(struct.pack(f"<{len(entries)}i", *entries))
    learned = ["w1", "w2", "p", "spoc/fc", "gem/fc", "classifier/weights"]
    # A normalised classifier has no bias.
    learned += ["proxies/weights"] if proxies else ["classifier/bias"]
    normed = [(name, kind) for name in ("w1", "w2") for kind in ("scale", "shift", "mean", "variance")] if norms else []
    kinds = {
        kind: [f"{name}/{k}" for name, k in normed if k == kind] for kind in ("scale", "shift", "mean", "variance")
    }
    whole: dict[str, Any] = {"count": len(labels), "labels": labels}
    given = {
        "format": FORMAT,
        "key": "test",
        "inputs": ["image"],
        "height": SIDE,
        "width": SIDE,
        "nodes": _nodes(),
        "integers": {},
        "parameters": learned + (kinds["scale"] + kinds["shift"] if norms else ["b1", "b2"]),
        "statistics": kinds["mean"] + kinds["variance"],
        "norms": [
            {
                "output": output,
                "weights": weights,
                "bias": bias,
                **{kind: f"{weights}/{kind}" for kind in ("scale", "shift", "mean", "variance")},
            }
            for output, weights, bias in (("c1", "w1", "b1"), ("c2", "w2", "b2"))
            if norms
        ],
        "exponents": {"gem": "p"},
        "branches": [{"name": "spoc", "output": "spoc"}, {"name": "gem", "output": "gem"}],
        "combined": "combined",
        "descriptor": "spoc/pooled",
        "unitClassifier": False,
        "rates": {"proxies/weights": 100} if proxies else {},
        "losses": {
            "ranking": "proxyAnchor" if proxies else "triplet",
            "margin": 0.1 if proxies else 0.3,
            "classification": "arcFace" if proxies else "softmax",
            "labelSmoothing": 0.1,
            "temperature": 0.5,
            "rankingWeight": 1,
            "classificationWeight": 1,
        },
        "plan": {
            "batch": 8,
            "stepsPerEpoch": 3,
            "epochs": epochs,
            "learningRates": [0.01] * (3 * epochs),
            "evaluateEvery": 1,
        },
        "images": {
            "train": {**whole, "height": WHOLE, "width": WHOLE},
            "validation": {"count": 0, "labels": []} if proxies else {**whole, "height": SIDE, "width": SIDE},
            "test": {**whole, "height": SIDE, "width": SIDE},
        },
        **changes,
    }
    (folder / JOB).write_text(json.dumps(given), "utf-8")
    return read_job(folder)
