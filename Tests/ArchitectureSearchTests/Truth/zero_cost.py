"""Scores without training of two small networks, by PyTorch and NumPy: what ZeroCostScoreTests
compares with. Needs torch and numpy."""

import numpy as np
import torch
from torch import nn

torch.set_default_dtype(torch.float64)
ROWS = 4


def networks():
    yield "image", (1, 4, 4), nn.Sequential(
        nn.Conv2d(1, 2, 3, padding=1), nn.BatchNorm2d(2), nn.ReLU(), nn.Flatten(),
        nn.Linear(32, 3), nn.ReLU(), nn.Linear(3, 2))
    yield "smooth", (5,), nn.Sequential(nn.Linear(5, 7), nn.GELU(), nn.Linear(7, 2))
    yield "linear", (5,), nn.Sequential(nn.Linear(5, 7), nn.Linear(7, 2))


def prepare(net, shape):
    for place, parameter in enumerate(net.parameters()):
        count = parameter.numel()
        parameter.data = 0.5 * torch.sin(0.7 * torch.arange(count) + place).reshape(parameter.shape)
    for layer in net:
        if isinstance(layer, nn.BatchNorm2d):
            layer.weight.data.fill_(1)
            layer.bias.data.fill_(0)
            layer.momentum = 0
    count = ROWS * int(np.prod(shape))
    return torch.sin(0.7 * torch.arange(count) ** 2 + 0.2).reshape((ROWS,) + shape)


def weights(net):
    return [layer.weight for layer in net if isinstance(layer, (nn.Conv2d, nn.Linear))]


def gradient_norm(net, inputs):
    net.train()
    net.zero_grad()
    nn.functional.cross_entropy(net(inputs), torch.tensor([0, 1, 1, 0])).backward()
    return sum(weight.grad.norm().item() for weight in weights(net))


def activation_overlap(net, inputs):
    net.train()
    watched = [layer for layer in net if isinstance(layer, (nn.ReLU, nn.GELU))]
    codes = []
    hooks = [
        layer.register_forward_hook(
            lambda _, __, output: codes.append((output > 0).reshape(ROWS, -1).double()))
        for layer in watched or [layer for layer in net if isinstance(layer, nn.Linear)]]
    net(inputs)
    for hook in hooks:
        hook.remove()
    code = torch.cat(codes, dim=1).numpy()
    kernel = code @ code.T + (1 - code) @ (1 - code).T
    return np.linalg.slogdet(kernel)[1]


def synaptic_flow(net, shape):
    net.eval()
    net.zero_grad()
    for layer in net:
        if isinstance(layer, nn.BatchNorm2d):
            layer.running_mean.fill_(0)
            layer.running_var.fill_(1)
        elif hasattr(layer, "weight"):
            layer.weight.data.abs_()
            layer.bias.data.fill_(0)
    net(torch.ones((1,) + shape)).sum().backward()
    return np.log(sum((weight * weight.grad).abs().sum().item() for weight in weights(net)))


for name, shape, net in networks():
    inputs = prepare(net, shape)
    print(name, gradient_norm(net, inputs), activation_overlap(net, inputs),
          synaptic_flow(net, shape))
