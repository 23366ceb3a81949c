"""Writes a small file in the layout of the published NAS-Bench-101 table, and what it holds.

    python3 make_nasbench101.py                 sample-runs/nasbench101/small.tfrecord, nasbench101.json
    python3 make_nasbench101.py --all FILE      423,624 made-up cells of one budget, to measure with
    python3 make_nasbench101.py --full FILE     the same with four budgets

The cells, their hashes and their parameters are those of the published space (Ying et al., ICML
2019; MD5 over neighbourhoods, the channel rule of its appendix). Accuracies and times are SYNTHETIC:
a formula of depth and operations with noise from a hash. In the files to measure with, the hashes
are random, too. `--all` and `--full` need the package google-crc32c.
"""

import argparse
import base64
import hashlib
import itertools
import json
import os
import random
import struct

HERE = os.path.dirname(os.path.abspath(__file__))
SAMPLE = os.path.join(HERE, "../../../sample-runs/nasbench101/small.tfrecord")
OPERATIONS = ["conv3x3-bn-relu", "conv1x1-bn-relu", "maxpool3x3"]
BUDGETS = [4, 12, 36, 108]
KNOWN = [  # adjacency, inner operations, published hash and parameters
    ("0111010000000100000010000100000000100000010000000", [1, 0, 0, 0, 2],
     "28cfc7874f6d200472e1a9dcd8650aa0", 2694282),
    ("0100110001000000010010000010000001000000010000000", [0, 2, 0, 0, 1],
     "00005c142e6f48ac74fdcf73e3439874", 8555530),
]


# The space

def md5(text):
    return hashlib.md5(text.encode()).hexdigest()


def cell_hash(matrix, labels):
    n = len(matrix)
    into = [[u for u in range(n) if matrix[u][v]] for v in range(n)]
    out = [[w for w in range(n) if matrix[v][w]] for v in range(n)]
    hashes = [md5(str((len(out[v]), len(into[v]), labels[v]))) for v in range(n)]
    for _ in range(n):
        hashes = [
            md5("".join(sorted(hashes[u] for u in into[v])) + "|"
                + "".join(sorted(hashes[w] for w in out[v])) + "|" + hashes[v])
            for v in range(n)
        ]
    return md5(str(sorted(hashes)))


def cells(n):
    """The first labelled graph of each hash with n vertices."""
    seen = {}
    for bits in range(1 << n * (n - 1) // 2):
        matrix = [[bits >> (x + y * (y - 1) // 2) & 1 if x < y else 0 for y in range(n)]
                  for x in range(n)]
        if sum(map(sum, matrix)) > 9 or not all(map(any, matrix[:-1])):
            continue
        if not all(any(row[y] for row in matrix) for y in range(1, n)):
            continue
        for inner in itertools.product(range(3), repeat=n - 2):
            seen.setdefault(cell_hash(matrix, [-1, *inner, -2]), (matrix, list(inner)))
    return seen


def channels(c_in, c_out, matrix):
    n = len(matrix)
    result = [c_in] + [0] * (n - 2) + [c_out]
    if n == 2:
        return result
    degree = sum(matrix[v][n - 1] for v in range(1, n - 1))
    extra = c_out % degree if degree else 0
    for v in range(1, n - 1):
        if matrix[v][n - 1]:
            result[v] = c_out // degree + (1 if extra > 0 else 0)
            extra -= 1
    for v in range(n - 3, 0, -1):
        if not matrix[v][n - 1]:
            result[v] = max(result[w] for w in range(v + 1, n - 1) if matrix[v][w])
    return result


def parameters(matrix, inner):
    n = len(matrix)

    def convolution(size, c_in, c_out):
        return size * size * c_in * c_out + 2 * c_out

    total = convolution(3, 3, 128)
    c_in, c_out = 128, 128
    for stack in range(3):
        if stack:
            c_out *= 2
        for _ in range(3):
            width = channels(c_in, c_out, matrix)
            for v in range(1, n - 1):
                if inner[v - 1] < 2:
                    total += convolution(3 if inner[v - 1] == 0 else 1, width[v], width[v])
                if matrix[0][v]:
                    total += convolution(1, c_in, width[v])
            if matrix[0][n - 1]:
                total += convolution(1, c_in, c_out)
            c_in = c_out
    return total + c_out * 10 + 10


# The file

def noise(*parts):
    return int(md5(" ".join(map(str, parts)))[:8], 16) / 2**32


def metrics(name, inner, epochs, repeat):
    """SYNTHETIC: before the training, at its half, at its end."""
    best = 0.86 + 0.02 * inner.count(0) + 0.005 * inner.count(1) + 0.01 * noise(name)
    found = []
    for done in (0, epochs / 2, epochs):
        reached = 0.1 + (best - 0.1) * (1 - 2.7 ** -(done / 6))
        validation = reached + 0.004 * (noise(name, epochs, repeat, done) - 0.5)
        found.append((done, 20 * done * (1 + len(inner) / 4),
                      min(1.0, validation + 0.04 * done / 108),
                      validation, validation - 0.005 * noise(name, repeat)))
    return found


def varint(value):
    out = b""
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def message(evaluations, count):
    out = b""
    for numbers in evaluations:
        inner = b"".join(struct.pack("<Bd", field << 3 | 1, number)
                         for field, number in enumerate(numbers, 1))
        out += b"\x0a" + varint(len(inner)) + inner
    return out + b"\x10" + varint(count) + b"\x19" + struct.pack("<d", evaluations[-1][1] + 100)


CRC_TABLE = []
for _byte in range(256):
    for _ in range(8):
        _byte = _byte >> 1 ^ (0x82F63B78 if _byte & 1 else 0)
    CRC_TABLE.append(_byte)


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = crc >> 8 ^ CRC_TABLE[(crc ^ byte) & 255]
    return crc ^ 0xFFFFFFFF


def masked(data, crc=crc32c):
    value = crc(data)
    return struct.pack("<I", ((value >> 15 | value << 17) + 0xA282EAD8) & 0xFFFFFFFF)


def record(payload, crc=crc32c):
    length = struct.pack("<Q", len(payload))
    return length + masked(length, crc) + payload + masked(payload, crc)


def row(name, epochs, matrix, inner, count, repeat):
    adjacency = "".join(str(bit) for line in matrix for bit in line)
    operations = ",".join(["input", *(OPERATIONS[label] for label in inner), "output"])
    packed = base64.b64encode(message(metrics(name, inner, epochs, repeat), count)).decode()
    return json.dumps([name, epochs, adjacency, operations, packed]).encode()


def write_sample():
    chosen = []
    for n, budgets, most in ((2, BUDGETS, 1), (3, BUDGETS, 6), (4, BUDGETS, 84), (5, [108], 200)):
        found = sorted(cells(n).items())
        assert len(found) == {2: 1, 3: 6, 4: 84, 5: 2441}[n]
        chosen += [(name, *cell, budgets) for name, cell in found[:most]]
    for adjacency, inner, name, count in KNOWN:
        matrix = [[int(bit) for bit in adjacency[7 * v:7 * v + 7]] for v in range(7)]
        assert cell_hash(matrix, [-1, *inner, -2]) == name
        assert parameters(matrix, inner) == count, parameters(matrix, inner)
        chosen.append((name, matrix, inner, [108]))
    rows = [row(name, epochs, matrix, inner, parameters(matrix, inner), repeat)
            for name, matrix, inner, budgets in chosen for epochs in budgets for repeat in range(3)]
    random.Random(101).shuffle(rows)
    os.makedirs(os.path.dirname(SAMPLE), exist_ok=True)
    with open(SAMPLE, "wb") as file:
        file.write(b"".join(map(record, rows)))
    print(len(chosen), "cells,", len(rows), "rows,", os.path.getsize(SAMPLE), "bytes")


# Reading it again, by itself

def fields(data):
    at = 0

    def number():
        nonlocal at
        value, shift = 0, 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return value

    while at < len(data):
        tag = number()
        if tag & 7 == 0:
            yield tag >> 3, number()
        elif tag & 7 == 1:
            yield tag >> 3, struct.unpack_from("<d", data, at)[0]
            at += 8
        else:
            size = number()
            yield tag >> 3, data[at:at + size]
            at += size


def write_truth():
    with open(SAMPLE, "rb") as file:
        data = file.read()
    found, at = {}, 0
    while at < len(data):
        size = struct.unpack_from("<Q", data, at)[0]
        name, epochs, adjacency, operations, packed = json.loads(data[at + 12:at + 12 + size])
        at += size + 16
        top = list(fields(base64.b64decode(packed)))
        last = dict(fields([value for field, value in top if field == 1][2]))
        cell = found.setdefault(name, {"parameters": dict(top)[2], "adjacency": adjacency,
                                       "operations": operations, "budgets": {}})
        cell["budgets"].setdefault(epochs, []).append([last[field] for field in (4, 5, 3, 2)])
    for cell in found.values():  # means: validation, test, training accuracy, seconds
        cell["budgets"] = {
            str(epochs): [sum(column) / len(rows) for column in zip(*rows)]
            for epochs, rows in sorted(cell["budgets"].items())
        }
    with open(os.path.join(HERE, "nasbench101.json"), "w") as file:
        lines = [f"{json.dumps(name)}: {json.dumps(cell)}" for name, cell in found.items()]
        file.write('{"cells": {\n' + ",\n".join(lines) + "\n}}\n")


def write_large(path, budgets):
    import google_crc32c

    pick = random.Random(7)
    shapes = []
    while len(shapes) < 4000:
        n = pick.choice([6, 7, 7, 7, 7])
        matrix = [[int(x < y and pick.random() < 0.4) for y in range(n)] for x in range(n)]
        if sum(map(sum, matrix)) <= 9 and all(map(any, matrix[:-1])):
            shapes.append((matrix, [pick.randrange(3) for _ in range(n - 2)]))
    texts = [row("0" * 32, 108, matrix, inner, 1, 0) for matrix, inner in shapes]
    heads = [json.loads(text)[2:4] for text in texts]
    with open(path, "wb") as file:
        for repeat in range(3):
            names = random.Random(11)
            for cell in range(423624):
                name = "%032x" % names.getrandbits(128)
                adjacency, operations = heads[cell % len(heads)]
                for epochs in budgets:
                    level = 0.8 + 0.15 * pick.random()
                    data = message([(done, 10.0 * done, level, level, level)
                                    for done in (0, epochs / 2, epochs)], 227274 + cell * 100)
                    packed = base64.b64encode(data).decode()
                    line = json.dumps([name, epochs, adjacency, operations, packed]).encode()
                    file.write(record(line, google_crc32c.value))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--all", metavar="FILE")
    parser.add_argument("--full", metavar="FILE")
    chosen = parser.parse_args()
    if chosen.all or chosen.full:
        write_large(chosen.all or chosen.full, [108] if chosen.all else BUDGETS)
    else:
        write_sample()
        write_truth()
