#!/usr/bin/env python3
"""Records what NumPy and PyTorch find of methods that prune at once: pruning.json.

Everything is computed the long way, from the definitions: sorting, least squares for every unit
anew, gradients by autograd.
"""

import json
import os

import numpy as np
import torch

random = np.random.default_rng(20)


def made(*shape):
    return np.round(random.normal(size=shape), 3)


def flat(array):
    return [float(x) for x in np.asarray(array, dtype=np.float64).reshape(-1)]


# Layer-adaptive scores: w² over the sum of all squares that come at or behind it in order.
def adaptive_scores(weights):
    order = np.argsort(np.abs(weights), kind="stable")
    squares = weights[order] ** 2
    scores = np.empty_like(weights)
    for place, index in enumerate(order):
        scores[index] = squares[place] / squares[place:].sum()
    return scores


# N:M along the second axis.
def group_mask(weights, m, removed):
    mask = np.ones_like(weights)
    rows, inputs = weights.shape[:2]
    for row in range(rows):
        for tap in np.ndindex(*weights.shape[2:]):
            for first in range(0, inputs, m):
                last = min(inputs, first + m)
                values = np.abs(weights[(row, slice(first, last)) + tap])
                gone = removed if last - first == m else (last - first) * removed // m
                for index in np.argsort(values, kind="stable")[:gone]:
                    mask[(row, first + index) + tap] = 0
    return mask


def weights():
    vector = made(40)
    vector[5] = -vector[3]
    kernel = made(3, 10, 2, 2)
    return {
        "vector": flat(vector),
        "adaptiveScores": flat(adaptive_scores(vector)),
        "kernel": flat(kernel),
        "kernelShape": list(kernel.shape),
        "masks": {str(k): flat(group_mask(kernel, 4, k)) for k in (1, 2, 3)},
    }


# A perceptron of 6, 8, 5 and 3 units.
SIZES = [6, 8, 5, 3]
BATCH = 10
parameters = [(made(o, i) * 0.5, made(o) * 0.3) for i, o in zip(SIZES, SIZES[1:])]
inputs = made(40, 6)
labels = random.integers(0, 3, 40)


def activations(x, layers):
    """The inputs of the second and third layer."""
    result = []
    for weight, bias in layers[:2]:
        x = np.maximum(x @ weight.T + bias, 0)
        result.append(x)
    return result


def row_scores():
    scores = {"l1": [], "l2": [], "geometricMedian": []}
    for weight, _ in parameters[:2]:
        scores["l1"] += flat(np.abs(weight).sum(1))
        scores["l2"] += flat(np.linalg.norm(weight, axis=1))
        distances = [[np.linalg.norm(a - b) for b in weight] for a in weight]
        scores["geometricMedian"] += flat(np.sum(distances, axis=1))
    return scores


def taylor():
    """|Σ a · ∂L/∂a| of each batch, where L is the batch's mean loss: the mean over batches."""
    sums = [np.zeros(8), np.zeros(5)]
    for first in range(0, 40, BATCH):
        x = torch.tensor(inputs[first : first + BATCH])
        kept = []
        for weight, bias in parameters[:2]:
            x = torch.relu(x @ torch.tensor(weight).T + torch.tensor(bias))
            x.requires_grad_() if x.is_leaf else x.retain_grad()
            kept.append(x)
        weight, bias = parameters[2]
        x = x @ torch.tensor(weight).T + torch.tensor(bias)
        torch.nn.functional.cross_entropy(x, torch.tensor(labels[first : first + BATCH])).backward()
        for layer, a in enumerate(kept):
            sums[layer] += np.abs((a * a.grad).sum(0).detach().numpy())
    return flat(np.concatenate(sums) / 4)


def votes(q):
    result = []
    for (weight, _), a in zip(parameters, activations(inputs, parameters)):
        count = np.zeros(a.shape[1])
        chosen = int(np.ceil(q * a.shape[1]))
        for row in a:
            least = np.sort(row)[::-1][chosen - 1]
            count += (row >= least) & (row > 0)
        norms = np.linalg.norm(weight, axis=1)
        result += flat(count + norms / norms.max() / 2)
    return result


def densities():
    return [d for a in activations(inputs, parameters) for d in flat((a > 0).mean(0))]


def linear_dependence(damping, counts):
    """Greedy removal with the weights changed at every step, each prediction solved for anew."""
    layers = [(w.copy(), b.copy()) for w, b in parameters]
    removed = []
    thresholds = {}
    for layer, count in enumerate(counts):
        a = activations(inputs, layers)[layer]
        units = a.shape[1]
        a = np.concatenate([a, np.ones((len(a), 1))], axis=1)
        products = a.T @ a / len(a)
        damped = products + damping * np.trace(products[:units, :units]) / units * np.eye(units + 1)
        weight, bias = layers[layer + 1]
        alive = list(range(units))
        for _ in range(count):
            best = None
            for j in alive:
                others = [k for k in alive if k != j] + [units]
                c = np.linalg.solve(damped[np.ix_(others, others)], damped[others, j])
                error = damped[j, j] - damped[j, others] @ c
                cost = error * (weight[:, j] ** 2).sum()
                if best is None or cost < best[0]:
                    best = (cost, j, others, c)
            cost, j, others, c = best
            name = f"linear{layer + 1}"
            thresholds[name] = [max(cost, *thresholds.get(name, [0]))]
            for k, share in zip(others, c):
                if k == units:
                    bias += share * weight[:, j]
                else:
                    weight[:, k] += share * weight[:, j]
            weight[:, j] = 0
            alive.remove(j)
            removed.append(sum(SIZES[1 : layer + 1]) + j)
    return {
        "damping": damping,
        "removed": removed,
        "thresholds": thresholds,
        "values": {
            name: flat(value)
            for index, (weight, bias) in enumerate(layers[1:], 2)
            for name, value in ((f"linear{index}.weight", weight), (f"linear{index}.bias", bias))
        },
    }


truth = {
    "weights": weights(),
    "parameters": {
        f"linear{i}.{role}": flat(value)
        for i, pair in enumerate(parameters, 1)
        for role, value in zip(("weight", "bias"), pair)
    },
    "inputs": flat(inputs),
    "labels": [int(x) for x in labels],
    "batch": BATCH,
    "scores": row_scores()
    | {"taylor": taylor(), "majorityVoting": votes(0.3), "activationDensity": densities()},
    "linearDependence": [linear_dependence(0.001, [4, 2]), linear_dependence(0.1, [4, 2])],
}
path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "pruning.json")
with open(path, "w") as file:
    json.dump(truth, file, indent=1)
    file.write("\n")
