"""Four separate maps by umap-learn, as people make them: one per branch and one of all branches side by side.

Usage: umapLearn.py FOLDER COUNT DIM BRANCHES. Reads float32 branch_<b>.f32 in FOLDER, writes map_<column>.f32 there and one
line of JSON to stdout: CPU seconds of the four fits, without imports and the compiling of numba, and the peak memory.
"""

import json
import resource
import sys

import numpy as np
import umap

folder, count, dim, branches = sys.argv[1], *map(int, sys.argv[2:])


def cpu():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def fit(rows):
    return umap.UMAP(n_neighbors=15, min_dist=0.1, metric="cosine", random_state=1).fit_transform(rows)


matrices = [np.fromfile(f"{folder}/branch_{b}.f32", np.float32).reshape(count, dim) for b in range(branches)]
columns = matrices + [np.concatenate(matrices, axis=1)]
# Enough rows for the approximate neighbour search, whose compiling would be counted otherwise.
fit(matrices[0][: min(count, 4500)])
start = cpu()
for c, rows in enumerate(columns):
    fit(rows).astype(np.float32).tofile(f"{folder}/map_{c}.f32")
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"cpuSeconds": cpu() - start, "peakMb": peak, "version": umap.__version__}))
