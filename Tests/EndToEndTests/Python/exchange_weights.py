"""Exchanges weights between PyTorch and nntop by the packages torch and safetensors.

make DIRECTORY               makes data, modules, their weights and experiments there
check DIRECTORY NAME FILE    loads a checkpoint of nntop into the module of that name

Prints the module's name and its loss on the validation samples, a line each."""
import json
import os
import sys

import numpy
import torch
from safetensors.numpy import load_file as load_arrays
from safetensors.torch import save_file
from torch import nn

torch.set_num_threads(1)


class LastOutput(nn.LSTM):
    def forward(self, samples):
        return super().forward(samples)[0][:, -1]


MODULES = {
    "mlp": (
        [5],
        lambda: nn.Sequential(nn.Linear(5, 8), nn.ReLU(), nn.Linear(8, 3)),
        [{"kind": "linear", "outputs": 8}, "relu", {"kind": "linear", "outputs": 3}],
    ),
    "images": (
        [3, 8, 8],
        lambda: nn.Sequential(
            nn.Conv2d(3, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(),
            nn.Linear(256, 3)),
        [{"kind": "convolution", "channels": 4, "padding": 1}, "batchNorm", "relu", "flatten",
         {"kind": "linear", "outputs": 3}],
    ),
    "sequences": (
        [6, 3],
        lambda: nn.Sequential(LastOutput(3, 7, batch_first=True), nn.Linear(7, 3)),
        [{"kind": "lstm", "units": 7}, {"kind": "linear", "outputs": 3}],
    ),
}


def experiment(name, layers):
    data = {"kind": "npy", "normalization": "none"}
    for part, prefix in [("training", ""), ("validation", "validation")]:
        for what in ["samples", "labels"]:
            field = prefix + what.capitalize() if prefix else what
            data[field] = f"{name}-{part}-{what}.npy"
    if name == "images":
        data["channels"] = "first"
    return {
        "name": name, "data": data, "model": {"layers": layers}, "batchSize": 16, "epochs": 2,
        "initialWeights": f"{name}.safetensors",
        "optimizer": {"kind": "adam", "learningRate": 0.01},
    }


def loss(place, name, module):
    module.eval()
    samples = numpy.load(os.path.join(place, f"{name}-validation-samples.npy"))
    labels = numpy.load(os.path.join(place, f"{name}-validation-labels.npy"))
    with torch.no_grad():
        return nn.functional.cross_entropy(
            module(torch.from_numpy(samples)), torch.from_numpy(labels)).item()


def make(place):
    torch.manual_seed(1)
    random = numpy.random.default_rng(1)
    for name, (shape, build, layers) in MODULES.items():
        for part, count in [("training", 64), ("validation", 48)]:
            samples = random.normal(0.3, 1.2, [count] + shape).astype(numpy.float32)
            labels = numpy.arange(count, dtype=numpy.int64) % 3
            numpy.save(os.path.join(place, f"{name}-{part}-samples.npy"), samples)
            numpy.save(os.path.join(place, f"{name}-{part}-labels.npy"), labels)
        module = build()
        module.train()
        for _ in range(3):  # running statistics that are neither 0 nor 1
            module(torch.from_numpy(samples))
        save_file(module.state_dict(), os.path.join(place, f"{name}.safetensors"))
        with open(os.path.join(place, f"{name}.json"), "w") as file:
            json.dump(experiment(name, layers), file)
        print(name, loss(place, name, module))


def check(place, name, path):
    """Layer i of the list is module i; layers are named by their kind and its number."""
    _, build, layers = MODULES[name]
    arrays = load_arrays(path)
    module = build()
    state = {}
    seen = {}
    for index, layer in enumerate(layers):
        kind = layer if isinstance(layer, str) else layer["kind"]
        seen[kind] = seen.get(kind, 0) + 1
        prefix = f"{kind}{seen[kind]}."
        for key, array in arrays.items():
            if key.startswith(prefix):
                state[f"{index}.{key[len(prefix):]}"] = torch.from_numpy(array)
    expected = module.state_dict()
    counts = [key for key in expected if key.endswith("num_batches_tracked")]
    wanted = {key: value.shape for key, value in expected.items() if key not in counts}
    found = {key: value.shape for key, value in state.items() if key in wanted}
    assert found == wanted, (found, wanted)
    assert all(array.dtype == numpy.float32 for array in arrays.values())
    module.load_state_dict({key: state[key] for key in wanted}, strict=not counts)
    print(name, loss(place, name, module))


if sys.argv[1] == "make":
    make(sys.argv[2])
else:
    check(*sys.argv[2:5])
