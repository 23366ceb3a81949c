"""The channels that HESSO takes to zero first, for TrainingMethodTests.swift."""

import numpy as np

rows, columns = 8, 5
index = np.arange(rows * columns)
weight = ((index * 7 % 11) - 5) / 10
weight_gradient = ((index * 5 % 13) - 6) / 10
bias = weight[:rows]
bias_gradient = weight_gradient[:rows]
x = np.concatenate([weight.reshape(rows, columns), bias[:, None]], axis=1)
g = np.concatenate([weight_gradient.reshape(rows, columns), bias_gradient[:, None]], axis=1)
norm = np.linalg.norm(x, axis=1)
product = (x * g).sum(axis=1)
cosine = product / (norm * np.linalg.norm(g, axis=1))
scores = [norm, norm / x.shape[1], 1 - cosine, np.abs(product), 0.5 * product**2]
worth = sum(score / np.linalg.norm(score) for score in scores) / len(scores)
print(sorted(np.argsort(worth, kind="stable")[: rows // 2].tolist()), np.sort(worth))
