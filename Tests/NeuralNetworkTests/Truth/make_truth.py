#!/usr/bin/env python3
"""Records PyTorch's numbers for every layer, loss, optimizer and schedule, in double precision.

    pip install torch==2.15.0 numpy==2.4.6
    python3 make_truth.py            # writes pytorch.json beside itself

Made with Python 3.11, torch 2.15.0, numpy 2.4.6. What is given to PyTorch (inputs, weights, output
gradients) are hundredths; what it answers is written with 15 digits.

Shapes are the engine's: a sample is [features], [steps, features] or [height, width, channels].
Parameters are PyTorch's in name, order and layout. Lion, which torch lacks, is algorithm 2 of Chen
et al., "Symbolic discovery of optimization algorithms", 2023.
"""
import copy
import json
import os

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F
from torch.optim import lr_scheduler
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)


# Numbers

class Draw:
    """Hundredths between -scale and scale, none of them 0, where some activations bend."""

    def __init__(self, seed):
        self.random = np.random.Generator(np.random.PCG64(seed))

    def tensor(self, *shape, scale=1.0):
        magnitude = self.random.integers(1, int(100 * scale) + 1, shape)
        sign = self.random.integers(0, 2, shape) * 2 - 1
        return torch.tensor(magnitude * sign / 100)

    def distinct(self, *shape):
        """No two alike, so that a maximum is one alone."""
        count = int(np.prod(shape))
        numbers = self.random.permutation(count) - count // 2
        return torch.tensor((numbers / 100).reshape(shape))

    def integers(self, below, *shape):
        return torch.tensor(self.random.integers(0, below, shape))


def flat(tensor):
    return [short(number) for number in tensor.detach().reshape(-1).tolist()]


def short(number):
    return int(number) if number == int(number) else float(f"{number:.15g}")


# Layers, channels last

class ChannelsFirst(nn.Module):
    """A module that wants [batch, channels, …], for samples whose channels are the last axis."""

    def __init__(self, inner):
        super().__init__()
        self.inner = inner

    def forward(self, x):
        return self.inner(x.movedim(-1, 1)).movedim(1, -1)


class Flatten(nn.Module):
    def forward(self, x):
        return (x.movedim(-1, 1) if x.dim() == 4 else x).flatten(1)


class Residual(nn.Module):
    def __init__(self, branch, shortcut):
        super().__init__()
        self.branch, self.shortcut = branch, shortcut

    def forward(self, x):
        return self.branch(x) + self.shortcut(x)


class Concatenate(nn.Module):
    def __init__(self, branches):
        super().__init__()
        self.branches = nn.ModuleList(branches)

    def forward(self, x):
        return torch.cat([branch(x) for branch in self.branches], -1)


class Cell(nn.Module):
    """A cell of NAS-Bench-101, by the rules of the published network."""

    def __init__(self, layer, shape):
        super().__init__()
        count = int(len(layer["adjacency"]) ** 0.5)
        rows = [layer["adjacency"][i * count:(i + 1) * count] for i in range(count)]
        self.sources = [[i for i in range(count) if rows[i][j] == "1"] for j in range(count)]
        self.width = self.widths(rows, layer["channels"])
        operations = {"conv3x3": 3, "conv1x1": 1}
        self.projections, self.operations = nn.ModuleDict(), nn.ModuleDict()
        for vertex in range(1, count):
            width = self.width[vertex]
            if 0 in self.sources[vertex]:
                self.projections[str(vertex)] = self.convolution(shape[-1], width, 1)
            if vertex == count - 1:
                continue
            word = layer["operations"][vertex - 1]
            self.operations[str(vertex)] = self.convolution(width, width, operations[word]) \
                if word in operations else nn.Sequential(ChannelsFirst(nn.MaxPool2d(3, 1, 1)))

    @staticmethod
    def convolution(inputs, outputs, kernel):
        return nn.Sequential(
            ChannelsFirst(nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2, bias=False)),
            ChannelsFirst(nn.BatchNorm2d(outputs)), nn.ReLU())

    @staticmethod
    def widths(rows, channels):
        last = len(rows) - 1
        ends = [vertex for vertex in range(1, last) if rows[vertex][last] == "1"]
        width = [0] * last + [channels]
        for vertex in reversed(range(1, last)):
            if vertex in ends:
                part, rest = divmod(channels, len(ends))
                width[vertex] = part + (ends.index(vertex) < rest)
            else:
                width[vertex] = max(width[to] for to in range(last) if rows[vertex][to] == "1")
        return width

    def forward(self, x):
        values = {}
        last = len(self.width) - 1
        for vertex in range(1, last):
            parts = [values[source][..., :self.width[vertex]]
                     for source in self.sources[vertex] if source]
            if 0 in self.sources[vertex]:
                parts.append(self.projections[str(vertex)](x))
            values[vertex] = self.operations[str(vertex)](sum(parts))
        ends = [values[source] for source in self.sources[last] if source]
        output = torch.cat(ends, -1) if ends else 0
        return output + self.projections[str(last)](x) if 0 in self.sources[last] else output


class Mixed(nn.Module):
    def __init__(self, branches):
        super().__init__()
        self.alpha = nn.Parameter(torch.zeros(1, len(branches)))
        self.branches = nn.ModuleList(branches)

    def forward(self, x):
        return mixture(self.alpha[0], self.branches, x)


class DifferentiableCell(nn.Module):
    """A cell of DARTS with one input, without reduction; with `edges` one operation on each."""

    def __init__(self, layer, shape):
        super().__init__()
        channels, self.nodes = layer["channels"], layer.get("nodes", 3)
        chosen = layer.get("edges", [])
        operations = layer.get("operations", [
            "none", "skip", "maxPool3x3", "averagePool3x3", "separableConv3x3", "dilatedConv3x3"])
        norm = {"kind": "batchNorm", "affine": bool(chosen)}

        def depthwise(dilation):
            return [{"kind": "relu"},
                    {"kind": "convolution", "channels": channels, "padding": dilation,
                     "dilation": dilation, "groups": channels, "bias": False},
                    {"kind": "convolution", "channels": channels, "kernel": 1, "bias": False}, norm]

        def pool(kind):
            return [{"kind": kind, "kernel": 3, "stride": 1, "padding": 1}, norm]

        words = {"none": [{"kind": "zero"}], "skip": [], "maxPool3x3": pool("maxPool"),
                 "averagePool3x3": pool("averagePool"),
                 "separableConv3x3": depthwise(1) + depthwise(1), "dilatedConv3x3": depthwise(2)}
        inner = [*shape[:2], channels]
        self.preprocessing, _ = sequential(
            [{"kind": "relu"},
             {"kind": "convolution", "channels": channels, "kernel": 1, "bias": False}, norm],
            shape)
        count = self.nodes * (self.nodes + 1) // 2
        self.edges = nn.ModuleList(
            nn.ModuleList(sequential(words[word], inner)[0] for word in (
                operations if not chosen else [] if chosen[edge] == "none" else [chosen[edge]]))
            for edge in range(count))
        self.alpha = None if chosen else nn.Parameter(torch.zeros(count, len(operations)))

    def forward(self, x):
        states, edge = [self.preprocessing(x)], 0
        for _ in range(self.nodes):
            total = torch.zeros_like(states[0])
            for state in states:
                if len(self.edges[edge]):
                    total = total + (
                        self.edges[edge][0](state) if self.alpha is None
                        else mixture(self.alpha[edge], self.edges[edge], state))
                edge += 1
            states.append(total)
        return torch.cat(states[1:], -1)


def mixture(alpha, branches, x):
    return sum(share * branch(x) for share, branch in zip(alpha.softmax(0), branches))


class Function(nn.Module):
    def __init__(self, function):
        super().__init__()
        self.function = function

    def forward(self, x):
        return self.function(x)


class Embedding(nn.Module):
    def __init__(self, inner):
        super().__init__()
        self.inner = inner

    def forward(self, x):
        return self.inner(x.long())


class Linear(nn.Module):
    """Takes a sample as one row, or with `perStep` as a row for each of its first axis."""

    def __init__(self, layer, shape):
        super().__init__()
        self.first = 2 if layer.get("perStep", False) else 1
        inputs = int(np.prod(shape[self.first - 1:]))
        self.inner = nn.Linear(inputs, layer["outputs"], layer.get("bias", True))

    def forward(self, x):
        return self.inner(x.flatten(self.first))


class Recurrent(nn.Module):
    """`lengths`: valid steps of each sample, else all; outputs behind them are 0."""

    def __init__(self, inner, layer):
        super().__init__()
        self.inner, self.lengths = inner, None
        self.is_sequence = layer.get("outputs", "last") == "sequence"
        self.truncation = layer.get("truncation", 0)

    def forward(self, x):
        output, hidden = self.cut(x) if self.truncation else self.whole(x)
        if self.is_sequence:
            return output
        hidden = hidden[0] if isinstance(hidden, tuple) else hidden
        return torch.cat([hidden[-2], hidden[-1]], -1) if self.inner.bidirectional else hidden[-1]

    def whole(self, x):
        if self.lengths is None:
            return self.inner(x)
        packed = nn.utils.rnn.pack_padded_sequence(
            x, torch.tensor(self.lengths), batch_first=True, enforce_sorted=False)
        output, hidden = self.inner(packed)
        padded, _ = nn.utils.rnn.pad_packed_sequence(
            output, batch_first=True, total_length=x.shape[1])
        return padded, hidden

    def cut(self, x):
        """Gradients stop at every multiple of `truncation` steps from the first."""
        outputs, hidden = [], None
        for first in range(0, x.shape[1], self.truncation):
            output, hidden = self.inner(x[:, first:first + self.truncation], hidden)
            outputs.append(output)
            last = hidden
            hidden = tuple(h.detach() for h in hidden) if isinstance(hidden, tuple) \
                else hidden.detach()
        return torch.cat(outputs, 1), last


def convolution(layer, shape):
    return ChannelsFirst(nn.Conv2d(
        shape[-1], layer["channels"], layer.get("kernel", 3), layer.get("stride", 1),
        layer.get("padding", 0), layer.get("dilation", 1), layer.get("groups", 1),
        layer.get("bias", True)))


def pool(kind):
    return lambda layer, shape: ChannelsFirst(kind(
        layer.get("kernel", 2), layer.get("stride", layer.get("kernel", 2)),
        layer.get("padding", 0)))


def batch_norm(layer, shape):
    kind = {1: nn.BatchNorm1d, 2: nn.BatchNorm1d, 3: nn.BatchNorm2d}[len(shape)]
    return ChannelsFirst(kind(
        shape[-1], layer.get("epsilon", 1e-5), layer.get("momentum", 0.1),
        layer.get("affine", True)))


def group_norm(layer, shape):
    return ChannelsFirst(nn.GroupNorm(layer["groups"], shape[-1], layer.get("epsilon", 1e-5)))


def recurrent(kind):
    def make(layer, shape):
        settings = {"nonlinearity": layer.get("nonlinearity", "tanh")} if kind is nn.RNN else {}
        return Recurrent(kind(
            shape[-1], layer["units"], layer.get("layers", 1), batch_first=True,
            bidirectional=layer.get("bidirectional", False), **settings), layer)
    return make


def prelu(layer, shape):
    count = shape[-1] if layer.get("perChannel", False) else 1
    return ChannelsFirst(nn.PReLU(count, layer.get("initial", 0.25)))


def bounds(layer):
    return layer.get("shift", 0.0), layer.get("maximum", 1.0)


def clipped_relu(layer, shape):
    shift, maximum = bounds(layer)
    return Function(lambda x: (x - shift).clip(0, maximum))


def soft_threshold(layer, shape):
    shift, maximum = bounds(layer)
    return Function(lambda x: x.sign() * (x.abs() - shift).clip(0, maximum))


def sequential(layers, shape):
    """The layers and the shape of a sample behind them."""
    modules = []
    for layer in layers:
        module = KINDS[layer["kind"]](layer, shape).eval()
        with torch.no_grad():
            shape = list(module(torch.zeros(2, *shape)).shape[1:])
        modules.append(module)
    return nn.Sequential(*modules), shape


KINDS = {
    "linear": Linear,
    "convolution": convolution,
    "maxPool": pool(nn.MaxPool2d),
    "averagePool": pool(nn.AvgPool2d),
    "globalAveragePool": lambda layer, shape: Function(lambda x: x.mean((1, 2))),
    "batchNorm": batch_norm,
    "layerNorm": lambda layer, shape: nn.LayerNorm(shape[-1], layer.get("epsilon", 1e-5)),
    "groupNorm": group_norm,
    "dropout": lambda layer, shape: nn.Dropout(layer.get("rate", 0.5)),
    "flatten": lambda layer, shape: Flatten(),
    "residual": lambda layer, shape: Residual(
        sequential(layer["branch"], shape)[0], sequential(layer.get("shortcut", []), shape)[0]),
    "concatenate": lambda layer, shape: Concatenate(
        [sequential(branch, shape)[0] for branch in layer["branches"]]),
    "cell": Cell,
    "zero": lambda layer, shape: Function(lambda x: 0 * x),
    "mixed": lambda layer, shape: Mixed(
        [sequential(branch, shape)[0] for branch in layer["branches"]]),
    "dartsCell": DifferentiableCell,
    "embedding": lambda layer, shape: Embedding(
        nn.Embedding(layer["vocabulary"], layer["dimension"])),
    "rnn": recurrent(nn.RNN), "lstm": recurrent(nn.LSTM), "gru": recurrent(nn.GRU),
    "relu": lambda layer, shape: nn.ReLU(),
    "leakyReLU": lambda layer, shape: nn.LeakyReLU(layer.get("slope", 0.01)),
    "prelu": prelu,
    "gelu": lambda layer, shape: nn.GELU(layer.get("approximation", "none")),
    "silu": lambda layer, shape: nn.SiLU(),
    "tanh": lambda layer, shape: nn.Tanh(),
    "sigmoid": lambda layer, shape: nn.Sigmoid(),
    "softmax": lambda layer, shape: nn.Softmax(-1),
    "clippedReLU": clipped_relu,
    "softThreshold": soft_threshold,
}


def plain_name(name):
    return name.replace("inner.", "")


def set_parameters(module, draw, scale=0.5):
    """Norms' factors near 1, everything else small."""
    with torch.no_grad():
        for part in module.modules():
            is_norm = isinstance(part, (nn.LayerNorm, nn.GroupNorm, nn.BatchNorm1d, nn.BatchNorm2d))
            for name, value in part.named_parameters(recurse=False):
                drawn = draw.tensor(*value.shape, scale=scale)
                value.copy_(1 + drawn if is_norm and name == "weight" else drawn)


def named(module, gradients=False):
    return {plain_name(name): flat(value.grad if gradients else value)
            for name, value in module.named_parameters()}


def running(module):
    return {plain_name(name): flat(value) for name, value in module.named_buffers()
            if value.dtype.is_floating_point}


def layer_case(layer, shape, rows, seed, lengths=None, input=None):
    draw = Draw(seed)
    network, _ = sequential([layer], shape)
    module = network[0].train()
    set_parameters(module, draw)
    if input is None:
        input = draw.distinct(rows, *shape) if "Pool" in layer["kind"] else draw.tensor(
            rows, *shape, scale=2)
    case = {"layer": layer, "inputShape": shape, "rows": rows}
    if lengths:
        module.lengths = lengths
        case["lengths"] = lengths
    case |= {"parameters": named(module), "input": flat(input)}
    input = input.clone().requires_grad_()
    output = module(input)
    gradient = draw.tensor(*output.shape)
    output.backward(gradient)
    case |= {"outputShape": list(output.shape[1:]), "output": flat(output),
             "outputGradient": flat(gradient)}
    if layer["kind"] != "embedding":
        case["inputGradient"] = flat(input.grad)
    case["gradients"] = named(module, gradients=True)
    if running(module):
        case["running"] = running(module)
        case["evaluationOutput"] = flat(module.eval()(input))
    return case


def layer_cases():
    cases = []

    def add(kind, shape, rows=2, lengths=None, input=None, **settings):
        layer = {"kind": kind, **settings}
        cases.append(layer_case(layer, shape, rows, len(cases) + 1, lengths, input))

    linear_cases(add)
    convolution_cases(add)
    pool_cases(add)
    norm_cases(add)
    composite_cases(add)
    recurrent_cases(add)
    activation_cases(add)
    cell_cases(add)
    mixture_cases(add)
    return cases


def linear_cases(add):
    add("linear", [1], rows=1, outputs=1)
    add("linear", [7], rows=3, outputs=5)
    add("linear", [5], rows=2, outputs=33, bias=False)
    add("linear", [2, 3], outputs=2)
    add("linear", [4, 3], outputs=2, perStep=True)
    ids = torch.tensor([[3.0, 0, 3], [1, 3, 0]])
    add("embedding", [3], vocabulary=5, dimension=4, input=ids)
    add("embedding", [1], rows=1, vocabulary=2, dimension=1, input=torch.tensor([[1.0]]))
    add("flatten", [2, 3, 4])
    add("flatten", [3, 2])
    add("flatten", [5], rows=1)
    add("dropout", [5], rate=0)


def convolution_cases(add):
    add("convolution", [1, 1, 1], rows=1, channels=1, kernel=1)
    add("convolution", [5, 4, 3], channels=2)
    add("convolution", [5, 5, 2], rows=1, channels=3, padding=1)
    add("convolution", [7, 6, 1], channels=2, kernel=5, padding=2, stride=2)
    add("convolution", [6, 5, 2], channels=3, kernel=3, stride=2, padding=1, bias=False)
    add("convolution", [7, 6, 1], channels=3, kernel=2, stride=3)
    add("convolution", [5, 4, 3], channels=2, kernel=1, stride=2)
    add("convolution", [5, 6, 1], channels=2, kernel=3, dilation=2, padding=1)
    add("convolution", [6, 7, 4], rows=1, channels=2, kernel=[3, 2], stride=[2, 1], padding=[1, 0],
        dilation=[1, 3], groups=2)
    add("convolution", [4, 3, 4], channels=6, groups=2, padding=1)
    add("convolution", [4, 3, 5], channels=5, groups=5, padding=1)
    add("convolution", [4, 5, 3], channels=6, groups=3, stride=2, padding=1)
    add("convolution", [3, 2, 17], rows=1, channels=5, kernel=1)
    add("convolution", [3, 1, 4], rows=1, channels=17, kernel=[2, 1])
    add("convolution", [2, 1, 2], channels=3, kernel=[3, 1], padding=[1, 0])


def pool_cases(add):
    add("maxPool", [4, 5, 2])
    add("maxPool", [5, 7, 2], rows=1, kernel=3, stride=2, padding=1)
    add("maxPool", [7, 8, 1], kernel=2, stride=3)
    add("maxPool", [5, 4, 2], rows=1, kernel=3, stride=1)
    add("maxPool", [4, 3, 5], rows=1, kernel=[3, 2], stride=[2, 1], padding=[1, 0])
    add("averagePool", [4, 5, 2])
    add("averagePool", [5, 7, 2], rows=1, kernel=3, stride=2, padding=1)
    add("averagePool", [7, 6, 1], kernel=2, stride=3)
    add("averagePool", [4, 3, 5], rows=1, kernel=[3, 2], stride=[2, 1], padding=[1, 0])
    add("globalAveragePool", [3, 5, 4])
    add("globalAveragePool", [1, 1, 17], rows=1)


def norm_cases(add):
    add("batchNorm", [4], rows=5)
    add("batchNorm", [17], rows=2, momentum=0.3, epsilon=0.01)
    add("batchNorm", [3, 4, 3], rows=2)
    add("batchNorm", [3, 3, 2], rows=1)
    add("batchNorm", [5, 3], rows=2)
    add("layerNorm", [6], rows=3)
    add("layerNorm", [4, 5], rows=2, epsilon=0.001)
    add("layerNorm", [2, 1, 17], rows=1)
    add("groupNorm", [4], rows=3, groups=2)
    add("groupNorm", [3, 3, 6], rows=2, groups=3)
    add("groupNorm", [3, 2, 4], rows=1, groups=4)
    add("groupNorm", [2, 3, 5], rows=2, groups=1, epsilon=0.001)


def composite_cases(add):
    relu = {"kind": "relu"}
    branch = [{"kind": "linear", "outputs": 3}, {"kind": "tanh"}, {"kind": "linear", "outputs": 4}]
    add("residual", [4], rows=3, branch=branch)
    block = [{"kind": "convolution", "channels": 4, "stride": 2, "padding": 1, "bias": False},
             {"kind": "batchNorm"}, relu,
             {"kind": "convolution", "channels": 4, "padding": 1, "bias": False},
             {"kind": "batchNorm"}]
    shortcut = [{"kind": "convolution", "channels": 4, "kernel": 1, "stride": 2, "bias": False},
                {"kind": "batchNorm"}]
    add("residual", [5, 4, 2], branch=block, shortcut=shortcut)
    nested = {"kind": "residual", "branch": [{"kind": "tanh"}]}
    add("residual", [3], rows=1, branch=[nested, {"kind": "linear", "outputs": 2}],
        shortcut=[{"kind": "linear", "outputs": 2, "bias": False}])
    add("concatenate", [3], rows=3, branches=[[{"kind": "linear", "outputs": 2}], [], [relu]])
    add("concatenate", [4, 3, 2], branches=[
        [{"kind": "convolution", "channels": 3, "kernel": 1}],
        [{"kind": "maxPool", "kernel": 3, "stride": 1, "padding": 1}],
        [{"kind": "convolution", "channels": 2, "padding": 1}, {"kind": "sigmoid"}]])
    add("concatenate", [2, 2, 1], rows=1, branches=[[]])


def cell_cases(add):
    def cell(shape, rows, adjacency, operations, channels):
        words = {"3": "conv3x3", "1": "conv1x1", "p": "maxPool3x3"}
        add("cell", shape, rows=rows, adjacency=adjacency, channels=channels,
            operations=[words[letter] for letter in operations])

    cell([3, 2, 2], 2, "0100", "", 3)
    cell([3, 3, 2], 2, "011001000", "p", 3)
    cell([3, 2, 2], 2, "0110001100010000", "31", 3)
    cell([3, 3, 2], 2, "0111100011000100000100000", "1p3", 5)
    cell([3, 3, 2], 2, "0110100010000110000100000", "13p", 5)
    cell([4, 3, 3], 2, "0111010000000100000010000100000000100000010000000", "1333p", 7)


def mixture_cases(add):
    add("batchNorm", [3, 2, 3], rows=2, affine=False)
    add("zero", [3], rows=2)
    add("mixed", [3], rows=2, branches=[[{"kind": "linear", "outputs": 3}], [], [{"kind": "zero"}]])
    add("mixed", [3, 3, 2], rows=2, branches=[
        [{"kind": "convolution", "channels": 3, "padding": 1}, {"kind": "tanh"}],
        [{"kind": "convolution", "channels": 3, "kernel": 1}]])
    add("dartsCell", [4, 3, 2], rows=2, channels=2, nodes=2)
    add("dartsCell", [3, 3, 2], rows=2, channels=3, nodes=3,
        operations=["none", "skip", "separableConv3x3"])
    add("dartsCell", [4, 3, 3], rows=2, channels=2, nodes=2,
        edges=["dilatedConv3x3", "none", "averagePool3x3"])


def recurrent_cases(add):
    for kind in ("rnn", "lstm", "gru"):
        add(kind, [1, 1], rows=1, units=1)
        add(kind, [4, 3], rows=2, units=4)
        add(kind, [4, 2], rows=2, units=3, outputs="sequence")
        add(kind, [3, 2], rows=2, units=2, bidirectional=True)
        add(kind, [3, 2], rows=2, units=2, layers=2, bidirectional=True, outputs="sequence")
        add(kind, [2, 1], rows=1, units=17 if kind == "rnn" else 5)
        add(kind, [5, 2], rows=3, units=2, outputs="sequence", lengths=[3, 5, 1])
        add(kind, [5, 2], rows=3, units=2, lengths=[5, 2, 4])
        add(kind, [5, 2], rows=3, units=1, layers=2, bidirectional=True, outputs="sequence",
            lengths=[2, 5, 1])
        add(kind, [4, 2], rows=3, units=1, layers=2, bidirectional=True, lengths=[2, 4, 1])
        add(kind, [7, 2], rows=2, units=2, outputs="sequence", truncation=3)
        add(kind, [5, 2], rows=2, units=2, layers=2, truncation=2)
    add("rnn", [5, 3], rows=2, units=4, nonlinearity="relu", outputs="sequence")
    add("rnn", [4, 2], rows=3, units=3, layers=2, bidirectional=True, nonlinearity="relu",
        lengths=[4, 1, 3])


def activation_cases(add):
    tails = torch.tensor([[-40.0, -9.5, -5, -3, -0.0625, 0.0625, 2.5, 5, 9.5, 40]])
    for kind in ("relu", "leakyReLU", "prelu", "gelu", "silu", "tanh", "sigmoid", "softmax"):
        add(kind, [10], rows=1, input=tails)
        add(kind, [17], rows=1)
        add(kind, [2, 3, 4], rows=1)
    zeros = torch.tensor([[-1.0, 0, 1, 0, 2]])
    for kind in ("relu", "leakyReLU", "prelu", "gelu", "silu"):
        add(kind, [5], rows=1, input=zeros)
    add("gelu", [10], rows=1, approximation="tanh", input=tails)
    add("gelu", [2, 3], rows=2, approximation="tanh")
    add("leakyReLU", [5], slope=0.3)
    add("prelu", [5], initial=0.5)
    add("prelu", [2, 3, 4], perChannel=True)
    add("prelu", [3], perChannel=True)
    add("softmax", [1], rows=2)
    add("softmax", [4, 5], rows=2)
    for kind in ("clippedReLU", "softThreshold"):
        add(kind, [10], rows=1, input=tails)
        add(kind, [17], rows=2, shift=0.505, maximum=0.75)
        add(kind, [2, 3, 2], rows=2, shift=0.005, maximum=1.5)


# Losses

def loss_function(loss):
    if loss["kind"] == "crossEntropy":
        weights = torch.tensor(loss["classWeights"]) if loss.get("classWeights") else None
        return lambda x, y: F.cross_entropy(
            x.reshape(-1, x.shape[-1]), y.reshape(-1), weights,
            label_smoothing=loss.get("labelSmoothing", 0.0))
    if loss["kind"] == "mse":
        return F.mse_loss
    if loss["kind"] == "huber":
        return lambda x, y: F.huber_loss(x, y, delta=loss.get("delta", 1.0))
    return F.binary_cross_entropy_with_logits


def loss_case(loss, shape, rows, seed, scale=2.0):
    draw = Draw(seed)
    output = draw.tensor(rows, *shape, scale=scale).requires_grad_()
    targets = {
        "crossEntropy": lambda: draw.integers(shape[-1], rows, *shape[:-1]),
        "binaryCrossEntropy": lambda: draw.integers(5, rows, *shape) / 4,
    }.get(loss["kind"], lambda: draw.tensor(rows, *shape, scale=scale))()
    value = loss_function(loss)(output, targets)
    value.backward()
    return {"loss": loss, "outputShape": shape, "rows": rows, "output": flat(output),
            "targets": flat(targets), "value": short(value.item()), "gradient": flat(output.grad)}


def loss_cases():
    cases = []

    def add(kind, shape, rows=3, scale=2.0, **settings):
        cases.append(loss_case({"kind": kind, **settings}, shape, rows, len(cases) + 1, scale))

    add("crossEntropy", [1], rows=2)
    add("crossEntropy", [2], rows=1)
    add("crossEntropy", [10], rows=4)
    add("crossEntropy", [17], rows=3, scale=30)
    add("crossEntropy", [33], rows=2)
    add("crossEntropy", [3, 5], rows=2)
    add("crossEntropy", [5], labelSmoothing=0.1)
    add("crossEntropy", [3], rows=4, classWeights=[0.5, 2, 1.25])
    add("crossEntropy", [3], rows=4, classWeights=[0.5, 2, 1.25], labelSmoothing=0.2)
    add("crossEntropy", [2, 4], rows=3, classWeights=[1, 0, 3, 0.5], labelSmoothing=0.05)
    for kind in ("mse", "huber", "binaryCrossEntropy"):
        add(kind, [1], rows=1)
        add(kind, [5], rows=3)
        add(kind, [2, 9], rows=2)
        add(kind, [4], rows=2, scale=40)
    add("huber", [6], rows=3, delta=0.3)
    add("huber", [6], rows=3, delta=2.5)
    return cases


# Optimizers

class Lion(torch.optim.Optimizer):
    def __init__(self, groups, lr, betas, weight_decay):
        super().__init__(groups, {"lr": lr, "betas": betas, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            beta1, beta2 = group["betas"]
            for weight in group["params"]:
                state = self.state.setdefault(weight, {})
                moment = state.setdefault("moment", torch.zeros_like(weight))
                mixed = beta1 * moment + (1 - beta1) * weight.grad
                assert ((mixed == 0) | (mixed.abs() > 1e-5)).all(), "a sign that Float may miss"
                weight -= group["lr"] * (mixed.sign() + group["weight_decay"] * weight)
                moment.copy_(beta2 * moment + (1 - beta2) * weight.grad)


def make_optimizer(settings, module):
    """Biases and the factors of norms are the vectors."""
    decay = settings["weightDecay"]
    parameters = list(module.parameters())
    spared = [] if settings.get("decayBiasesAndNorms", True) else [
        p for p in parameters if p.dim() < 2]
    kept = [p for p in parameters if not any(p is other for other in spared)]
    groups = [{"params": kept, "weight_decay": decay}]
    groups += [{"params": spared, "weight_decay": 0}] if spared else []
    rate = settings["learningRate"]
    if settings["kind"] == "sgd":
        return torch.optim.SGD(
            groups, rate, settings.get("momentum", 0.9), nesterov=settings.get("nesterov", False))
    if settings["kind"] == "rmsprop":
        return torch.optim.RMSprop(
            groups, rate, settings.get("alpha", 0.99), settings.get("epsilon", 1e-8),
            momentum=settings.get("momentum", 0), centered=settings.get("centered", False))
    if settings["kind"] == "lion":
        betas = settings.get("beta1", 0.9), settings.get("beta2", 0.99)
        return Lion(groups, rate, betas, decay)
    betas = settings.get("beta1", 0.9), settings.get("beta2", 0.999)
    kind = torch.optim.Adam if settings["kind"] == "adam" else torch.optim.AdamW
    return kind(groups, rate, betas, settings.get("epsilon", 1e-8))


def clip(clipping, parameters):
    if clipping is None:
        return
    if clipping["kind"] == "norm":
        nn.utils.clip_grad_norm_(parameters, clipping["maximum"])
    else:
        nn.utils.clip_grad_value_(parameters, clipping["maximum"])


def optimizer_case(settings, start, gradients, clipping=None, average=None, rates=None):
    """A step for each of the gradients."""
    module = copy.deepcopy(start)
    case = {"optimizer": settings, "weights": []}
    case |= {"gradientClipping": clipping} if clipping else {}
    case |= {"weightAverage": {"decay": average}, "averages": []} if average else {}
    case |= {"learningRates": rates} if rates else {}
    optimizer = make_optimizer(settings, module)
    averaged = AveragedModel(module, multi_avg_fn=get_ema_multi_avg_fn(average or 0))
    for step, given in enumerate(gradients):
        for parameter, gradient in zip(module.parameters(), given):
            parameter.grad = gradient.clone()
        for group in optimizer.param_groups:
            group["lr"] = rates[step] if rates else group["lr"]
        clip(clipping, module.parameters())
        optimizer.step()
        averaged.update_parameters(module)
        case["weights"].append(named(module))
        if average:
            case["averages"].append(named(averaged.module))
    return case


def optimizer_cases():
    """Ten steps of a linear layer's weight [3, 6] and bias [3], from gradients that all share."""
    draw = Draw(1)
    start = nn.Linear(6, 3)
    set_parameters(start, draw, scale=2)
    gradients = []
    for step in range(10):
        gradients.append([draw.tensor(*p.shape, scale=1 if step % 3 else 4)
                          for p in start.parameters()])
        gradients[-1][1][1] = 0
    cases = []

    def add(kind, learningRate, clipping=None, average=None, rates=None, **settings):
        settings = {"kind": kind, "learningRate": learningRate, "weightDecay": 0, **settings}
        cases.append(optimizer_case(settings, start, gradients, clipping, average, rates))

    falling = [0.1 / (1 + step) for step in range(10)]
    add("sgd", 0.1)
    add("sgd", 0.05, momentum=0)
    add("sgd", 0.1, momentum=0.8, weightDecay=0.1, rates=falling)
    add("sgd", 0.1, nesterov=True, weightDecay=0.01)
    add("sgd", 0.1, weightDecay=0.1, decayBiasesAndNorms=False)
    add("adam", 0.001)
    add("adam", 0.01, beta1=0.8, beta2=0.95, epsilon=1e-4, weightDecay=0.1)
    add("adam", 0.1, weightDecay=0.1, decayBiasesAndNorms=False, rates=falling)
    add("adamw", 0.001, weightDecay=0.01)
    add("adamw", 0.01, beta1=0.8, beta2=0.95, weightDecay=0.1, rates=falling)
    add("adamw", 0.01, weightDecay=0.1, decayBiasesAndNorms=False)
    add("rmsprop", 0.01)
    add("rmsprop", 0.01, alpha=0.9, epsilon=1e-3, momentum=0.9, rates=falling)
    add("rmsprop", 0.01, alpha=0.9, centered=True)
    add("rmsprop", 0.01, momentum=0.5, centered=True, weightDecay=0.1, decayBiasesAndNorms=False)
    add("lion", 0.0001)
    add("lion", 0.01, beta1=0.8, beta2=0.9, weightDecay=0.1, rates=falling)
    add("lion", 0.01, weightDecay=0.1, decayBiasesAndNorms=False)
    add("sgd", 0.1, clipping={"kind": "norm", "maximum": 4.5})
    add("sgd", 0.1, clipping={"kind": "value", "maximum": 0.5})
    add("sgd", 0.1, average=0.9)
    add("adam", 0.01, clipping={"kind": "norm", "maximum": 1}, average=0.99)
    given = [{"weight": flat(weight), "bias": flat(bias)} for weight, bias in gradients]
    return {"parameters": named(start), "gradients": given, "cases": cases}


# Schedules

def schedule_factors(settings, epochs, steps_per_epoch):
    """The factor at each step. Step and multi-step count the run's epochs, times the warm-up (Goyal
    et al. 2017); cosine and one-cycle span what the warm-up leaves."""
    warm = settings.get("warmUpEpochs", 0) * steps_per_epoch
    total = epochs * steps_per_epoch
    optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(1))], 1.0)
    span = total - warm
    make = {
        "constant": lambda: lr_scheduler.ConstantLR(optimizer, 1.0, total),
        "step": lambda: lr_scheduler.StepLR(
            optimizer, settings.get("everyEpochs", 10) * steps_per_epoch,
            settings.get("factor", 0.1)),
        "multiStep": lambda: lr_scheduler.MultiStepLR(
            optimizer, [epoch * steps_per_epoch for epoch in settings.get("epochs", [])],
            settings.get("factor", 0.1)),
        "cosine": lambda: lr_scheduler.CosineAnnealingLR(
            optimizer, span, settings.get("finalFactor", 0.01)),
        "oneCycle": lambda: one_cycle(optimizer, settings, span),
    }[settings["kind"]]
    follows = settings["kind"] in ("cosine", "oneCycle")
    if not warm:
        return run_schedule(optimizer, make(), total)
    ramp = lambda: lr_scheduler.LinearLR(optimizer, settings.get("warmUpFactor", 0.01), 1, warm)
    if not follows:
        return run_schedule(
            optimizer, lr_scheduler.ChainedScheduler([make(), ramp()], optimizer), total)
    after = run_schedule(optimizer, make(), span)
    # A schedule that begins low is warmed up to where it begins.
    optimizer = torch.optim.SGD([nn.Parameter(torch.zeros(1))], after[0])
    return run_schedule(optimizer, ramp(), warm) + after


def one_cycle(optimizer, settings, span):
    initial = settings.get("initialFactor", 0.04)
    final = settings.get("finalFactor", 0.000004)
    return lr_scheduler.OneCycleLR(
        optimizer, 1.0, total_steps=span, pct_start=settings.get("riseFraction", 0.3),
        div_factor=1 / initial, final_div_factor=initial / final, cycle_momentum=False)


def run_schedule(optimizer, scheduler, steps):
    factors = []
    for step in range(steps):
        factors.append(short(optimizer.param_groups[0]["lr"]))
        optimizer.step()
        if step + 1 < steps:
            scheduler.step()
    return factors


def schedule_cases():
    cases = []

    def add(kind, epochs, stepsPerEpoch, /, **settings):
        settings = {"kind": kind, **settings}
        factors = schedule_factors(settings, epochs, stepsPerEpoch)
        cases.append({"schedule": settings, "epochs": epochs, "stepsPerEpoch": stepsPerEpoch,
                      "factors": factors})

    add("constant", 3, 2)
    add("constant", 4, 3, warmUpEpochs=2, warmUpFactor=0.1)
    add("step", 25, 1)
    add("step", 7, 3, everyEpochs=2, factor=0.5, warmUpEpochs=1)
    add("multiStep", 8, 2, epochs=[3, 6])
    add("multiStep", 8, 2, epochs=[1, 5], factor=0.3, warmUpEpochs=2)
    add("cosine", 5, 4)
    add("cosine", 6, 3, finalFactor=0, warmUpEpochs=2, warmUpFactor=0.2)
    add("oneCycle", 10, 2)
    add("oneCycle", 5, 5, riseFraction=0.45, initialFactor=0.1, finalFactor=0.001)
    add("oneCycle", 7, 3, warmUpEpochs=1)
    return cases


# Whole networks

def network_case(name, layers, shape, rows, loss, optimizer, seed, clipping=None):
    draw = Draw(seed)
    vocabulary = layers[0].get("vocabulary")
    network, output_shape = sequential(layers, shape)
    network.train()
    set_parameters(network, draw)
    input = draw.integers(vocabulary, rows, *shape).double() if vocabulary \
        else draw.tensor(rows, *shape, scale=2)
    targets = draw.integers(output_shape[-1], rows, *output_shape[:-1]) \
        if loss["kind"] == "crossEntropy" else draw.tensor(rows, *output_shape)
    case = {"name": name, "layers": layers, "inputShape": shape, "rows": rows, "loss": loss,
            "optimizer": optimizer}
    if clipping:
        case["gradientClipping"] = clipping
    case |= {"parameters": named(network), "input": flat(input), "targets": flat(targets)}
    single = copy.deepcopy(network).float()
    losses = train(network, input, targets, loss, optimizer, clipping)
    train(single, input.float(), targets, loss, optimizer, clipping)
    for one, other in zip(network.parameters(), single.parameters()):
        error = (one - other).abs() / one.abs().clip(min=1)
        assert error.max() < 3e-6, f"{name}: {error.max()} in Float, too much to compare with"
    case |= {"losses": losses, "finalParameters": named(network)}
    if running(network):
        case["running"] = running(network)
    case["evaluationOutput"] = flat(network.eval()(input))
    return case


def train(network, input, targets, loss, settings, clipping):
    optimizer = make_optimizer(settings, network)
    losses = []
    for _ in range(10):
        optimizer.zero_grad()
        targets = targets if targets.dtype == torch.int64 else targets.to(input.dtype)
        value = loss_function(loss)(network(input), targets)
        value.backward()
        clip(clipping, network.parameters())
        optimizer.step()
        losses.append(short(value.item()))
    return losses


def network_cases():
    relu = {"kind": "relu"}
    classes, numbers = {"kind": "crossEntropy"}, {"kind": "mse"}
    mlp = [{"kind": "linear", "outputs": 7}, relu, {"kind": "linear", "outputs": 5}, relu,
           {"kind": "linear", "outputs": 3}]
    conv = [{"kind": "convolution", "channels": 4, "padding": 1, "bias": False},
            {"kind": "batchNorm"}, relu, {"kind": "maxPool"},
            {"kind": "convolution", "channels": 5}, relu, {"kind": "flatten"},
            {"kind": "linear", "outputs": 3}]
    half = {"kind": "convolution", "channels": 4, "padding": 1, "bias": False}
    block = {"kind": "residual", "branch": [
        {**half, "stride": 2}, {"kind": "batchNorm"}, relu, half, {"kind": "batchNorm"}],
        "shortcut": [{**half, "kernel": 1, "padding": 0, "stride": 2}, {"kind": "batchNorm"}]}
    residual = [{**half, "channels": 3}, {"kind": "batchNorm"}, relu, block, relu,
                {"kind": "globalAveragePool"}, {"kind": "linear", "outputs": 3}]
    lstm = [{"kind": "lstm", "units": 4}, {"kind": "linear", "outputs": 2}]
    tagger = [{"kind": "embedding", "vocabulary": 6, "dimension": 3},
              {"kind": "gru", "units": 3, "bidirectional": True}, {"kind": "layerNorm"},
              {"kind": "linear", "outputs": 4}]
    sgd = {"kind": "sgd", "learningRate": 0.1, "weightDecay": 0.0005}
    adam = {"kind": "adam", "learningRate": 0.01, "weightDecay": 0}
    rmsprop = {"kind": "rmsprop", "learningRate": 0.01, "weightDecay": 0}
    adamw = {"kind": "adamw", "learningRate": 0.01, "weightDecay": 0.05,
             "decayBiasesAndNorms": False}
    smooth = {"kind": "crossEntropy", "labelSmoothing": 0.1}
    return [
        network_case("mlp", mlp, [6], 8, classes, sgd, 1),
        network_case("convolution", conv, [7, 8, 1], 4, classes, adam, 2),
        network_case("residual", residual, [6, 6, 2], 4, smooth,
                     {**sgd, "nesterov": True, "decayBiasesAndNorms": False}, 3),
        network_case("lstm", lstm, [6, 2], 5, numbers, adamw, 4,
                     clipping={"kind": "norm", "maximum": 0.5}),
        network_case("gru", tagger, [5], 4, classes, rmsprop, 5),
    ]


def lines(value):
    """A list with each of its members on a line of its own."""
    if not isinstance(value, list):
        return "{" + ",\n".join(f'"{name}": {lines(part)}' if isinstance(part, list) else
                                f'"{name}": {compact(part)}' for name, part in value.items()) + "}"
    return "[\n" + ",\n".join(compact(member) for member in value) + "\n]"


def compact(value):
    return json.dumps(value, separators=(",", ":"), allow_nan=False)


def main():
    sections = {
        "madeWith": [f"torch {torch.__version__.split('+')[0]}", f"numpy {np.__version__}"],
        "layers": layer_cases(), "losses": loss_cases(), "optimizers": optimizer_cases(),
        "schedules": schedule_cases(), "networks": network_cases(),
    }
    text = "{" + ",\n".join(f'"{name}": {lines(value)}' for name, value in sections.items()) + "}\n"
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "pytorch.json")
    with open(path, "w", encoding="ascii") as file:
        file.write(text)
    print({name: len(cases) for name, cases in sections.items()}, len(text) // 1024, "KiB")


main()
