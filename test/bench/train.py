"""The torch side of `npm run bench -- train`: takes a step for each line on stdin and answers with a line of JSON.

Usage: train.py head|full FOLDER. `full` writes weights.safetensors first, from which the other side builds its model.
"""
import json
import resource
import sys
from pathlib import Path

import torch
from torch import nn

sys.path.insert(0, str(Path(__file__).parent.parent / "fixtures" / "torch"))
from resnet import ResNet, randomise, remove_last_downsampling, save  # noqa: E402
from train import fold_all, pool  # noqa: E402

mode, folder = sys.argv[1:]
torch.set_num_threads(1)
torch.manual_seed(5)
DIM, CLASSES, MARGIN, TEMPERATURE = 512, 100, 0.1, 0.5
batch, sizes = (128, [1344, 1792, 1344]) if mode == "head" else (8, [2048] * 3)
labels = torch.arange(batch) // (4 if mode == "head" else 2)
parameters = []
if mode == "full":
    network = ResNet("resnet50").eval()
    with torch.no_grad():
        randomise(network)
        save(network.state_dict(), f"{folder}/weights.safetensors")
        remove_last_downsampling(network)
        fold_all(network)
    network.fc.requires_grad_(False)
    parameters = [x for x in network.parameters() if x.requires_grad]
    images = torch.randint(0, 256, (batch, 224, 224, 3), dtype=torch.uint8)
    mean, std = (torch.tensor(v) * 255 for v in ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]))
else:
    inputs = [nn.functional.normalize(torch.rand(batch, n)) for n in sizes]
heads = [nn.Linear(n, DIM) for n in sizes]
classifier = nn.Linear(sizes[0] if mode == "full" else DIM, CLASSES)
for module in [*heads, classifier]:
    parameters += list(module.parameters())
optimiser = torch.optim.Adam(parameters, lr=1e-4)
same = labels[:, None] == labels[None]
diagonal = torch.eye(batch, dtype=torch.bool)


def maps():
    x = ((images.float() - mean) / std).permute(0, 3, 1, 2)
    x = nn.functional.max_pool2d(torch.relu(network.conv1(x)), 3, 2, 1)
    for i in range(1, 5):
        x = getattr(network, f"layer{i}")(x)
    return x


def step():
    pooled = [nn.functional.normalize(x) for x in pool(maps())] if mode == "full" else inputs
    rows = [head(x) for head, x in zip(heads, pooled)]
    e = nn.functional.normalize(torch.cat([nn.functional.normalize(x) for x in rows], 1))
    distance = (2 - 2 * e @ e.T).clamp(min=1e-6).sqrt()
    positive = distance.masked_fill(~same | diagonal, -1).amax(1)
    negative = distance.masked_fill(same, 9).amin(1)
    logits = classifier(pooled[0] if mode == "full" else rows[0]) / TEMPERATURE
    loss = torch.relu(positive - negative + MARGIN).mean()
    loss = loss + nn.functional.cross_entropy(logits, labels, label_smoothing=0.1)
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
    return loss.item()


def spent():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


print(json.dumps({"ready": torch.__version__}), flush=True)
for line in sys.stdin:
    start = spent()
    for _ in range(int(line)):
        loss = step()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": (spent() - start) / int(line), "loss": loss, "mebibytes": memory}), flush=True)
