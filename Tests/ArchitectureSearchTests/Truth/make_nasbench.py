#!/usr/bin/env python3
"""Records what Python finds of NAS-Bench-101: nasbench.json. Takes half a minute.

Digests are hashlib's, graphs are matrices; everything is done the long way, from the definitions
(Ying et al., ICML 2019, section 2), with nothing left out before it is hashed.
"""

import hashlib
import itertools
import json
import os
import random

import numpy as np

OPERATIONS = ["conv3x3-bn-relu", "conv1x1-bn-relu", "maxpool3x3"]


def md5(text):
    return hashlib.md5(text.encode()).hexdigest()


def identity(matrix, labels):
    """labels: of all vertices, -1 at the input, -2 at the output."""
    count = len(labels)
    degrees_out, degrees_in = matrix.sum(axis=1).tolist(), matrix.sum(axis=0).tolist()
    hashes = [md5(str(t)) for t in zip(degrees_out, degrees_in, labels)]
    for _ in range(count):
        hashes = [
            md5(
                "".join(sorted(hashes[u] for u in range(count) if matrix[u, v]))
                + "|"
                + "".join(sorted(hashes[w] for w in range(count) if matrix[v, w]))
                + "|"
                + hashes[v]
            )
            for v in range(count)
        ]
    return md5(str(sorted(hashes)))


def prune(matrix, operations):
    """Keeps what a path from input to output passes, by powers of the matrix; None: no path."""
    count = len(operations)
    reach = np.linalg.matrix_power(matrix + np.eye(count, dtype=int), count) > 0
    kept = [v for v in range(count) if reach[0, v] and reach[v, count - 1]]
    if not kept:
        return None
    return matrix[np.ix_(kept, kept)], [operations[v] for v in kept]


def labels_of(operations):
    return [-1] + [OPERATIONS.index(o) for o in operations[1:-1]] + [-2]


def cell_parameters(matrix, operations, channels_in, channels_out):
    last = len(operations) - 1
    ends = [v for v in range(1, last) if matrix[v, last]]
    channels = {0: channels_in, last: channels_out}
    for position, v in enumerate(ends):
        share, rest = divmod(channels_out, len(ends))
        channels[v] = share + (position < rest)
    for v in range(last - 1, 0, -1):
        if v not in channels:
            channels[v] = max(channels[w] for w in range(v + 1, last) if matrix[v, w])
    parameters = 0
    for v in range(1, last + 1):
        if matrix[0, v]:
            parameters += channels_in * channels[v] + 2 * channels[v]
        size = {"conv3x3-bn-relu": 9, "conv1x1-bn-relu": 1}.get(operations[v])
        if size:
            parameters += size * channels[v] ** 2 + 2 * channels[v]
    return parameters


def parameters(matrix, operations, stem, stacks, cells, inputs, classes):
    total = 9 * inputs * stem + 2 * stem
    channels = stem
    for stack in range(stacks):
        for cell in range(cells):
            target = channels * 2 if stack > 0 and cell == 0 else channels
            total += cell_parameters(matrix, operations, channels, target)
            channels = target
    return total + (channels + 1) * classes


def digits(matrix):
    return "".join(str(d) for d in matrix.reshape(-1).tolist())


def random_graph(source, probability):
    matrix = np.zeros((7, 7), dtype=int)
    for x, y in itertools.combinations(range(7), 2):
        matrix[x, y] = source.random() < probability
    return matrix, ["input"] + [source.choice(OPERATIONS) for _ in range(5)] + ["output"]


def recorded_cells(source, count):
    cells = []
    while len(cells) < count:
        pruned = prune(*random_graph(source, 0.4))
        size = [2, 3, 4, 5, 6, 6, 7, 7, 7, 7][len(cells) % 10]
        if pruned is None or pruned[0].sum() > 9 or len(pruned[1]) != size:
            continue
        matrix, operations = pruned
        cells.append({
            "adjacency": digits(matrix),
            "operations": ",".join(operations),
            "identity": identity(matrix, labels_of(operations)),
            "parameters": parameters(matrix, operations, 128, 3, 3, 3, 10),
            "parametersOfSmall": parameters(matrix, operations, 9, 2, 2, 1, 7),
        })
    return cells


def recorded_prunings(source, count):
    prunings = []
    for _ in range(count):
        matrix, operations = random_graph(source, source.choice([0.15, 0.25, 0.4]))
        pruned = prune(matrix, operations)
        prunings.append({
            "adjacency": digits(matrix),
            "operations": ",".join(operations),
            "pruned": pruned and [digits(pruned[0]), ",".join(pruned[1])],
        })
    return prunings


def enumerated(vertices):
    """The edges of each different cell, by its hash."""
    pairs = [(x, y) for y in range(vertices) for x in range(y)]
    found = {}
    for bits in range(1 << len(pairs)):
        matrix = np.zeros((vertices, vertices), dtype=int)
        for bit, pair in enumerate(pairs):
            matrix[pair] = bits >> bit & 1
        full = matrix[:-1].any(axis=1).all() and matrix[:, 1:].any(axis=0).all()
        if full and matrix.sum() <= 9:
            for inner in itertools.product(range(3), repeat=vertices - 2):
                found[identity(matrix, [-1, *inner, -2])] = int(matrix.sum())
    return found


source = random.Random(101)
truth = {
    "digests": [
        hashlib.md5(bytes((7 * i + n) & 255 for i in range(n))).hexdigest() for n in range(200)
    ],
    "cells": recorded_cells(source, 200),
    "prunings": recorded_prunings(source, 200),
    "enumerations": [],
}
everything = {}
for vertices in range(2, 7):
    everything |= enumerated(vertices)
    lines = "".join(h + "\n" for h in sorted(everything))
    truth["enumerations"].append({
        "vertices": vertices,
        "cells": len(everything),
        "byEdges": [list(everything.values()).count(edges) for edges in range(1, 10)],
        "md5": md5(lines),
        "sha256": hashlib.sha256(lines.encode()).hexdigest(),
    })

path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "nasbench.json")
with open(path, "w") as file:
    json.dump(truth, file, indent=1)
    file.write("\n")
