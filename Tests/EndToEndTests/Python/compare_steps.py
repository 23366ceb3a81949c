#!/usr/bin/env python3
"""Training steps of nntop beside those of PyTorch, one after the other, in several rounds.

    python3 compare_steps.py NNTOP TORCH_STEPS.py
        [--threads N] [--rounds N] [--seconds S] [WORKLOAD ...]

NNTOP is the program; TORCH_STEPS.py prints PyTorch's median milliseconds for the workloads that
`nntop bench engine` has, a line each: name, milliseconds, "ms/step". Prints the medians over the
rounds and their ratio. Needs `pip install torch numpy`.
"""
import argparse
import json
import statistics
import subprocess
import sys

parser = argparse.ArgumentParser()
parser.add_argument("nntop")
parser.add_argument("torch_steps")
parser.add_argument("--threads", type=int, default=1)
parser.add_argument("--rounds", type=int, default=5)
parser.add_argument("--seconds", type=float, default=1.0)
parser.add_argument("workloads", nargs="*")
options = parser.parse_args()


def ours():
    """Milliseconds a step by workload."""
    command = [options.nntop, "bench", "engine", "--json", "--alone", "--rounds", "1",
               "--threads", str(options.threads), "--seconds", str(options.seconds)]
    for name in options.workloads:
        command += ["--workload", name]
    results = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return {r["name"].split(",")[0]: r["value"] for r in results["results"]
            if r["name"].endswith(": step")}


def theirs():
    command = [sys.executable, options.torch_steps, "--threads", str(options.threads),
               "--seconds", str(options.seconds)] + options.workloads
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    return {line.split()[0]: float(line.split()[1]) for line in lines if "ms/step" in line}


rounds = [(ours(), theirs()) for _ in range(options.rounds)]
print(f"{'workload':26s} {'nntop':>10s} {'PyTorch':>10s}  ratio, {options.threads} threads")
for name in rounds[0][1]:
    mine = statistics.median(r[0][name] for r in rounds)
    other = statistics.median(r[1][name] for r in rounds)
    print(f"{name:26s} {mine:7.3f} ms {other:7.3f} ms  {mine / other:.2f}")
