"""A training loop without a framework, for the tests: what it reads of its settings it logs.
Arguments: the directory of nntop_run.py, the run's directory, seconds of a step."""
import sys
import time

sys.path.insert(0, sys.argv[1])
from nntop_run import Run  # noqa: E402


class Optimizer:
    def __init__(self):
        self.param_groups = [{"lr": 0.1}, {"lr": 0.01}]


class Halving:
    """A schedule from a base rate, as PyTorch's are, which would undo a change of `lr` alone."""

    def __init__(self, optimizer):
        self.optimizer, self.step_count = optimizer, 0
        self.base_lrs = [group["lr"] for group in optimizer.param_groups]

    def step(self):
        self.step_count += 1
        for group, base in zip(self.optimizer.param_groups, self.base_lrs):
            group["lr"] = base * 0.5 ** (self.step_count // 1_000_000)


def checkpoint(path):
    with open(path + ".txt", "w") as file:
        file.write("weights")
    return path + ".txt"


assert "torch" not in sys.modules
optimizer = Optimizer()
scheduler = Halving(optimizer)
run = Run(sys.argv[2], hyperparameters={"batch_size": 64, "optimizer": {"kind": "stub"}})
run.control(optimizer, scheduler, checkpoint=checkpoint, learning_rate=(1e-6, 10))
run.number("temperature", 1.0, minimum=0, maximum=2, description="of the softmax")
run.number("weight decay", 0.01, minimum=0)
step = 0
while True:
    step += 1
    time.sleep(float(sys.argv[3]))
    scheduler.step()
    run.log(step, loss=1 / step, **{
        "settings/temperature": run["temperature"], "settings/second_rate":
        optimizer.param_groups[1]["lr"]})
    if not run.step(step):
        break
run.finish()
print("left at step", step)
