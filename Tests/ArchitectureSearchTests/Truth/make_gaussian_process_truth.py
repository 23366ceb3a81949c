"""Gaussian-process regression by scikit-learn, for GaussianProcessTests: python3 this.py > gaussian_process.json"""

import json

import numpy
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import ConstantKernel, Matern

JITTER = 1e-6
random = numpy.random.default_rng(7)
cases = []
for count, lengths, amplitude, noise in [
    (1, [0.5], 1.0, 0.1),
    (7, [0.3, 1.7], 2.5, 1e-3),
    (40, [0.4, 0.9, 2.0, 5.0], 0.7, 1e-2),
]:
    points = random.random((count, len(lengths)))
    values = numpy.sin(3 * points).sum(1) + 0.1 * random.standard_normal(count)
    queries = random.random((5, len(lengths)))
    process = GaussianProcessRegressor(
        ConstantKernel(amplitude) * Matern(lengths, nu=2.5), alpha=noise + JITTER, optimizer=None
    ).fit(points, values)
    mean, deviation = process.predict(queries, return_std=True)
    theta = numpy.log([amplitude, *lengths])
    likelihood, gradient = process.log_marginal_likelihood(theta, eval_gradient=True)
    cases.append({
        "amplitude": amplitude, "noise": noise, "lengths": lengths,
        "points": points.tolist(), "values": values.tolist(), "queries": queries.tolist(),
        "mean": mean.tolist(), "variance": (deviation**2).tolist(),
        "likelihood": float(likelihood), "gradient": gradient.tolist(),
    })
print(json.dumps({"jitter": JITTER, "cases": cases}))
