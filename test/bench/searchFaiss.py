"""One query at a time in FAISS's flat index: lists of 50 in each branch and in combined. Prints JSON."""

import json
import sys
import time

import faiss
import numpy as np

COUNT, DIM, BRANCHES = map(int, sys.argv[1:])
ROUNDS = 20
K = 50


def index_of(rows):
    index = faiss.IndexFlatIP(rows.shape[1])
    index.add(rows)
    return index


random = np.random.default_rng(1)
matrices = [random.standard_normal((COUNT, DIM), dtype=np.float32) for _ in range(BRANCHES)]
for matrix in matrices:
    matrix /= np.linalg.norm(matrix, axis=1, keepdims=True)
branches = [index_of(matrix) for matrix in matrices]
combined = index_of(np.concatenate(matrices, axis=1))


def milliseconds(work):
    start = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - start)


times = {"branches": [], "combined": [], "pass": []}
for i in range(-2, ROUNDS):
    queries = [matrix[i + 2 : i + 3] for matrix in matrices]
    taken = {
        "branches": milliseconds(lambda: [index.search(query, K) for index, query in zip(branches, queries)]),
        "combined": milliseconds(lambda: combined.search(np.concatenate(queries, axis=1), K)),
        "pass": milliseconds(lambda: [matrix.sum() for matrix in matrices]),
    }
    if i >= 0:
        for name, value in taken.items():
            times[name].append(value)
ratios = (np.array(times["branches"]) + times["combined"]) / times["pass"]
medians = {name: float(np.median(values)) for name, values in times.items()}
print(json.dumps({**medians, "ofPass": float(np.median(ratios))}))
