"""What Lookalike hands over: `job.json`, which names everything; weights, plan and pixels lie beside it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FORMAT = 1

JOB = "job.json"
START = "start.safetensors"
PLAN = "plan.bin"
PIXELS = {"train": "train.bin", "validation": "validation.bin", "test": "test.bin"}
CHECKPOINT = "checkpoint.safetensors"
RESULT = "result.safetensors"


class JobError(Exception):
    """A job that cannot be run here. The message is for the user."""


@dataclass(frozen=True)
class Node:
    """An operator of the network, as ONNX (opset 17) defines it."""

    op: str
    inputs: tuple[str, ...]
    output: str
    attributes: dict[str, Any]
    # In the backbone half precision is allowed; behind the feature maps it is not.
    backbone: bool


@dataclass(frozen=True)
class Norm:
    """A convolution that has a batch norm of its own while it is trained."""

    output: str
    weights: str
    bias: str
    scale: str
    shift: str
    mean: str
    variance: str


@dataclass(frozen=True)
class Losses:
    ranking: str
    margin: float
    classification: str
    label_smoothing: float
    temperature: float
    ranking_weight: float
    classification_weight: float


@dataclass(frozen=True)
class Plan:
    """
    How the steps are laid out. `plan.bin` has, per image of each step, four numbers as int32: the image, and of its picture
    left, top and whether it is mirrored; of rows the view, and two zeros.
    """

    batch: int
    steps_per_epoch: int
    epochs: int
    learning_rates: tuple[float, ...]
    # After so many epochs, and after the last, the network is evaluated.
    evaluate_every: int

    @property
    def steps(self) -> int:
        return self.steps_per_epoch * self.epochs


@dataclass(frozen=True)
class Images:
    """
    Images in a file, one after another; `labels` are numbers of classes. With `height` and `width` they are pictures, uint8
    RGB. With `dims` each is `views` rows of float32, which hold a vector per input of the job.
    """

    count: int
    labels: tuple[int, ...]
    height: int = 0
    width: int = 0
    views: int = 1
    dims: tuple[int, ...] = ()


@dataclass(frozen=True)
class Branch:
    name: str
    output: str


@dataclass(frozen=True)
class Job:
    folder: Path
    key: str
    # Names of the network's inputs; of pictures there is one, of height x width pixels.
    inputs: tuple[str, ...]
    height: int
    width: int
    nodes: tuple[Node, ...]
    integers: dict[str, tuple[int, ...]]
    parameters: tuple[str, ...]
    statistics: tuple[str, ...]
    norms: tuple[Norm, ...]
    exponents: dict[str, str]
    branches: tuple[Branch, ...]
    combined: str
    # The first descriptor, which the auxiliary classifier reads.
    descriptor: str
    # Its weights are those for descriptors of norm 1: the first batch says which norm they have.
    unit_classifier: bool
    losses: Losses
    plan: Plan
    images: dict[str, Images]
    # Factors of the learning rate, of parameters that are trained faster than the rest.
    rates: dict[str, float]


def read_job(folder: Path) -> Job:
    """Reads `job.json`. Raises JobError where it is missing, damaged or of another version."""
    try:
        given: dict[str, Any] = json.loads((folder / JOB).read_text("utf-8"))
    except (OSError, ValueError) as cause:
        raise JobError(f"{folder / JOB} cannot be read ({cause}). Give the folder that Lookalike wrote.") from cause
    if given.get("format") != FORMAT:
        raise JobError(f"{folder / JOB} is of another version of Lookalike. Prepare the training anew with this one.")
    try:
        return _job(folder, given)
    except (KeyError, TypeError) as cause:
        raise JobError(f"{folder / JOB} lacks something ({cause}). Prepare the training anew.") from cause


def _job(folder: Path, given: dict[str, Any]) -> Job:
    losses, plan = given["losses"], given["plan"]
    return Job(
        folder=folder,
        key=given["key"],
        inputs=tuple(given["inputs"]),
        height=given["height"],
        width=given["width"],
        nodes=tuple(
            Node(n["op"], tuple(n["inputs"]), n["output"], n["attributes"], n["backbone"]) for n in given["nodes"]
        ),
        integers={name: tuple(values) for name, values in given["integers"].items()},
        parameters=tuple(given["parameters"]),
        statistics=tuple(given["statistics"]),
        norms=tuple(Norm(**norm) for norm in given["norms"]),
        exponents=dict(given["exponents"]),
        branches=tuple(Branch(**branch) for branch in given["branches"]),
        combined=given["combined"],
        descriptor=given["descriptor"],
        unit_classifier=given["unitClassifier"],
        losses=Losses(
            ranking=losses["ranking"],
            margin=losses["margin"],
            classification=losses["classification"],
            label_smoothing=losses["labelSmoothing"],
            temperature=losses["temperature"],
            ranking_weight=losses["rankingWeight"],
            classification_weight=losses["classificationWeight"],
        ),
        plan=Plan(
            batch=plan["batch"],
            steps_per_epoch=plan["stepsPerEpoch"],
            epochs=plan["epochs"],
            learning_rates=tuple(plan["learningRates"]),
            evaluate_every=plan["evaluateEvery"],
        ),
        images={part: _images(i) for part, i in given["images"].items()},
        rates=dict(given.get("rates", {})),
    )


def _images(given: dict[str, Any]) -> Images:
    fields: dict[str, Any] = {**given, "labels": tuple(given["labels"]), "dims": tuple(given.get("dims", ()))}
    return Images(**fields)
