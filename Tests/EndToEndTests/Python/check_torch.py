"""Checks nntop_run.py against the PyTorch that is installed. Prints a line a check; the exit
status says whether all hold. Arguments: the directory of nntop_run.py, a directory to work in."""
import json
import math
import os
import subprocess
import sys
import time

sys.path.insert(0, sys.argv[1])
import torch  # noqa: E402
from torch.optim import lr_scheduler as schedules  # noqa: E402

from nntop_run import Run  # noqa: E402

PLACE = os.path.abspath(sys.argv[2])
os.environ.setdefault("OMP_NUM_THREADS", "1")
torch.set_num_threads(1)


class Desk:
    """A run that is steered through its files, from the loop's own process."""

    def __init__(self, name, **arguments):
        self.directory = os.path.join(PLACE, name)
        self.run = Run(self.directory, **arguments)
        self.count = sum(1 for _ in self.records("control.jsonl"))
        self.step = 0

    def records(self, name):
        path = os.path.join(self.directory, name)
        if os.path.exists(path):
            with open(path) as file:
                for line in file:
                    if line.strip():
                        yield json.loads(line)

    def asked(self, **command):
        """The answer to a command, given at the present step."""
        self.count += 1
        name = "%016x" % self.count
        with open(os.path.join(self.directory, "control.jsonl"), "a") as file:
            file.write("\n%s\n" % json.dumps(dict(command, v=1, id=name, t=0, by="check")))
        time.sleep(0.06)  # between two looks at the file
        self.run.step(self.step)
        answers = [one for one in self.records("journal.jsonl")
                   if one["kind"] == "answer" and one["id"] == name]
        assert len(answers) == 1, answers
        layers = [layer for one in self.records("journal.jsonl")
                  if one["kind"] == "layers" and one["id"] == name for layer in one["layers"]]
        return dict(answers[0], layers=layers + answers[0].get("layers", []))

    def applied(self, **command):
        answer = self.asked(**command)
        assert answer["status"] == "applied", answer
        return answer


# The learning rate -------------------------------------------------------------------------------

SCHEDULES = {
    "StepLR": lambda o: schedules.StepLR(o, 7, 0.5),
    "MultiStepLR": lambda o: schedules.MultiStepLR(o, [5, 20, 33], 0.3),
    "ConstantLR": lambda o: schedules.ConstantLR(o, 0.25, 18),
    "LinearLR": lambda o: schedules.LinearLR(o, 0.1, 1.0, 25),
    "ExponentialLR": lambda o: schedules.ExponentialLR(o, 0.93),
    "PolynomialLR": lambda o: schedules.PolynomialLR(o, 38, 2.0),
    "LambdaLR": lambda o: schedules.LambdaLR(o, [lambda n: 1 / (1 + n), lambda n: 0.97 ** n]),
    "MultiplicativeLR": lambda o: schedules.MultiplicativeLR(o, lambda n: 0.95),
    "CosineAnnealingLR": lambda o: schedules.CosineAnnealingLR(o, 17),
    "CosineAnnealingLR with eta_min": lambda o: schedules.CosineAnnealingLR(o, 40, 0.01),
    "CosineAnnealingWarmRestarts": lambda o: schedules.CosineAnnealingWarmRestarts(o, 6, 2, 0.003),
    "OneCycleLR": lambda o: schedules.OneCycleLR(o, [0.5, 0.2], total_steps=45),
    "OneCycleLR in three phases": lambda o: schedules.OneCycleLR(
        o, 0.5, total_steps=45, three_phase=True),
    "CyclicLR": lambda o: schedules.CyclicLR(o, 0.01, 0.4, 5, mode="triangular2"),
    "SequentialLR": lambda o: schedules.SequentialLR(
        o, [schedules.LinearLR(o, 0.1, 1, 8), schedules.CosineAnnealingLR(o, 30, 0.001)], [8]),
    "SequentialLR of three": lambda o: schedules.SequentialLR(
        o, [schedules.ConstantLR(o, 0.5, 4), schedules.StepLR(o, 3, 0.8),
            schedules.ExponentialLR(o, 0.9)], [6, 25]),
    "ChainedScheduler": lambda o: schedules.ChainedScheduler(
        [schedules.ConstantLR(o, 0.2, 20), schedules.ExponentialLR(o, 0.95)]),
    "ReduceLROnPlateau": lambda o: schedules.ReduceLROnPlateau(o, patience=2, factor=0.5),
    "two schedulers": lambda o: [schedules.ExponentialLR(o, 0.97), schedules.StepLR(o, 9, 0.5)],
}


def rates(make, desk, change_at, tensors=False):
    """The learning rates of both groups over 40 steps; scaled by 0.3 at one, back at another."""
    weights = [torch.nn.Parameter(torch.ones(3)) for _ in range(2)]
    optimizer = torch.optim.SGD([
        {"params": weights[:1], "lr": torch.tensor(0.1) if tensors else 0.1},
        {"params": weights[1:], "lr": torch.tensor(0.04) if tensors else 0.04}], momentum=0.9)
    scheduler = make(optimizer)
    if desk:
        desk.run.control(optimizer, scheduler)
    found = []
    for step in range(40):
        if desk:
            desk.step = step
            if step == change_at[0]:
                desk.applied(command="set_learning_rate", scale=0.3)
            elif step == change_at[1]:
                desk.applied(command="undo")
        found.append([float(group["lr"]) for group in optimizer.param_groups])
        for weight in weights:
            weight.grad = torch.ones(3)
        optimizer.step()
        for one in scheduler if isinstance(scheduler, list) else [scheduler]:
            one.step(*[1.0] if isinstance(one, schedules.ReduceLROnPlateau) else [])
    return found


def check_schedules():
    for number, (name, make) in enumerate(SCHEDULES.items()):
        plain = rates(make, None, ())
        for at in [(1, 40), (4, 11), (12, 40), (26, 31)]:
            desk = Desk("schedule-%d-%d" % (number, at[0]))
            changed = rates(make, desk, at)
            desk.run.finish()
            for step, (old, new) in enumerate(zip(plain, changed)):
                factor = 0.3 if at[0] <= step < at[1] else 1
                for one, other in zip(old, new):
                    assert math.isclose(one * factor, other, rel_tol=1e-9, abs_tol=1e-18), (
                        name, at, step, old, new)
        print("schedule", name)
    desk = Desk("schedule-of-tensors")
    plain = rates(SCHEDULES["StepLR"], None, (), tensors=True)
    changed = rates(SCHEDULES["StepLR"], desk, (4, 40), tensors=True)
    assert all(math.isclose(one[0] * (0.3 if step >= 4 else 1), other[0], rel_tol=1e-5)
               for step, (one, other) in enumerate(zip(plain, changed)))
    print("schedule of tensors")


# Pruning -----------------------------------------------------------------------------------------


def network():
    torch.manual_seed(1)
    return torch.nn.Sequential(
        torch.nn.Conv2d(1, 4, 3), torch.nn.ReLU(), torch.nn.Flatten(),
        torch.nn.Linear(4 * 36, 20), torch.nn.BatchNorm1d(20), torch.nn.Linear(20, 3))


def update(model, optimizer, seed):
    torch.manual_seed(seed)
    loss = model(torch.randn(16, 1, 8, 8)).logsumexp(1).mean() - model(
        torch.randn(16, 1, 8, 8)).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


def smallest(model, sparsity):
    """An oracle in plain Python: the zeros of an exact global prune, of equal ones the first."""
    weights = [model[index].weight for index in (0, 3, 5)]
    flat = [abs(value) for weight in weights for value in weight.detach().flatten().tolist()]
    kept = int((1 - sparsity) * len(flat) + 0.5)
    order = sorted(range(len(flat)), key=lambda index: (flat[index], index))
    return set(order[:len(flat) - kept])


def zeros(model):
    flat = [value for index in (0, 3, 5) for value in model[index].weight.detach().flatten().tolist()]
    return {index for index, value in enumerate(flat) if value == 0}


def check_prune(make_optimizer, name):
    model, desk = network(), Desk("prune-" + name)
    optimizer = make_optimizer(model.parameters())
    desk.run.control(optimizer, model=model)
    for step in range(1, 4):
        update(model, optimizer, step)
        desk.step = step
        desk.run.step(step)
    with torch.no_grad():  # ties
        model[3].weight[:, ::2] = 0.01
    expected = smallest(model, 0.5)
    before = {key: one.clone() for key, one in model.state_dict().items()}
    ask = {"command": "prune", "method": "magnitude", "sparsity": 0.5, "scope": "global"}
    preview = desk.asked(preview=True, **ask)
    assert preview["status"] == "previewed" and not zeros(model)
    answer = desk.applied(**ask)
    assert zeros(model) == expected, len(zeros(model) ^ expected)
    assert [layer["name"] for layer in answer["layers"]] == ["0", "3", "5"]
    assert answer["layers"] == preview["layers"] and abs(answer["new"] - 0.5) < 1e-3
    assert "already" in desk.asked(**ask)["reason"]
    for step in range(4, 12):
        update(model, optimizer, step)
        desk.step = step
        desk.run.step(step)
        assert zeros(model) == expected, step
        weight = model[3].weight
        for tensor in optimizer.state[weight].values():
            if tensor.shape == weight.shape:
                assert not tensor[weight == 0].any()
    one = desk.applied(command="prune", method="magnitude", sparsity=0.5, scope="layers",
                       layers=["5"])
    assert expected <= zeros(model) and one["layers"][2]["after"] == 0.5
    more = desk.applied(command="prune", method="magnitude", sparsity=0.8, scope="global")
    assert zeros(model) >= expected and abs(more["new"] - 0.8) < 1e-3
    for words in [{"sparsity": 1}, {"sparsity": "a"}, {"sparsity": 0.9, "method": "random"},
                  {"sparsity": 0.9, "scope": "layers", "layers": ["9"]},
                  {"sparsity": 0.9, "scope": "layers", "layers": 7},
                  {"sparsity": 0.9, "scope": "layers", "layers": [["0"]]},
                  {"sparsity": 0.9, "scope": "layers"}, {"sparsity": 0.9, "layers": ["0"]}]:
        assert desk.asked(**dict(ask, **words))["status"] == "refused", words
    for _ in range(3):
        desk.applied(command="undo")
    assert desk.asked(command="undo")["reason"] == "there is nothing to undo"
    for key, one in model.state_dict().items():
        assert torch.equal(one, before[key]), key
    update(model, optimizer, 20)
    assert len(zeros(model)) == 0
    desk.run.finish()
    print("prune with", name)


# Going on ----------------------------------------------------------------------------------------


def training(desk, steps, restore=False):
    """Trains on made data; the loss of each step."""
    model = network()
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.01)
    scheduler = schedules.SequentialLR(optimizer, [
        schedules.LinearLR(optimizer, 0.1, 1, 5), schedules.MultiStepLR(optimizer, [4, 12])], [5])
    desk.run.control(optimizer, scheduler, model=model)
    desk.run.number("temperature", 1.0, 0, 2)
    start = desk.run.restore() if restore else 0
    for step in range(start + 1, steps + 1):
        update(model, optimizer, step)
        scheduler.step()
        desk.step = step
        assert desk.run.step(step)
        if step == 6 and not restore:
            desk.applied(command="prune", method="magnitude", sparsity=0.6)
            desk.applied(command="set_learning_rate", scale=0.5)
            desk.applied(command="set", name="temperature", value=0.25)
        if step == 8 and not restore:
            desk.applied(command="checkpoint")
    return model, optimizer, start


def check_resume():
    whole, optimizer, _ = training(Desk("whole"), 20)
    desk = Desk("resumed")
    training(desk, 11)
    desk.run.finish()
    again = Desk("resumed")
    model, other, start = training(again, 20, restore=True)
    assert start == 8 and again.run["temperature"] == 0.25
    assert optimizer.param_groups[0]["lr"] == other.param_groups[0]["lr"]
    for key, one in whole.state_dict().items():
        assert torch.equal(one, model.state_dict()[key]), key
    assert zeros(model) == zeros(whole) and len(zeros(model)) > 100
    kinds = [one["kind"] for one in again.records("journal.jsonl")]
    assert kinds.count("restore") == 1
    print("resume")


def check_writer():
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError:
        return print("no tensorboard: SummaryWriter is not checked")
    directory = os.path.join(PLACE, "writer")
    desk = Desk("writer", writer=SummaryWriter(directory))
    desk.run.log(1, loss=torch.tensor(0.5))
    desk.run.step(1)
    desk.run.finish()
    assert sum("tfevents" in name for name in os.listdir(directory)) == 1
    print("SummaryWriter")


# Several ranks -----------------------------------------------------------------------------------

RANK = """
import sys, json, os, time
sys.path.insert(0, sys.argv[1])
import torch
import torch.distributed as distributed
from nntop_run import Run
rank, count, place, shares = int(sys.argv[2]), int(sys.argv[3]), sys.argv[4], sys.argv[5] == "shares"
torch.set_num_threads(1)
distributed.init_process_group(
    "gloo", init_method="file://" + os.path.join(place, "meeting"), rank=rank, world_size=count)
def broadcast(commands):
    box = [commands]
    distributed.broadcast_object_list(box, src=0)
    return box[0]
torch.manual_seed(0)
model = torch.nn.parallel.DistributedDataParallel(torch.nn.Linear(20, 20))
optimizer = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
run = Run(os.path.join(place, "ranks"), broadcast=broadcast if shares else None)
run.control(optimizer, model=model)
def ask(number, **command):
    if rank == 0:
        with open(os.path.join(place, "ranks", "control.jsonl"), "a") as file:
            file.write(json.dumps(dict(command, id="%016x" % number)) + "\\n")
        time.sleep(0.1)
    distributed.barrier()
for step in range(1, 9):
    optimizer.zero_grad()
    model(torch.randn(4, 20)).square().mean().backward()
    optimizer.step()
    if step == 2:
        run.step(step)
        ask(1, command="set_learning_rate", value=0.05)
        ask(2, command="prune", method="magnitude", sparsity=0.5)
        ask(3, command="pause")
        ask(4, command="resume")
        ask(5, command="set_learning_rate", value=-1)
    if step == 5:
        ask(6, command="undo")
        ask(7, command="stop")
    if not run.step(step):
        break
run.finish()
weight = model.module.weight.detach()
print(json.dumps([step, optimizer.param_groups[0]["lr"], int((weight == 0).sum()),
                  round(float(weight.double().sum()), 5)]), flush=True)
distributed.barrier()
os._exit(0)  # gloo's threads do not always end well
"""


def check_ranks():
    for shares in (True, False):
        place = os.path.join(PLACE, "ranks-%s" % shares)
        os.makedirs(place)
        ranks = [subprocess.Popen(
            [sys.executable, "-c", RANK, sys.argv[1], str(rank), "2", place,
             "shares" if shares else "alone"], stdout=subprocess.PIPE) for rank in range(2)]
        said = [rank.communicate(timeout=120)[0].decode().splitlines() for rank in ranks]
        assert all(rank.returncode == 0 for rank in ranks)
        ends = [json.loads(lines[-1]) for lines in said]
        assert ends[0] == ends[1], ends
        with open(os.path.join(place, "ranks", "journal.jsonl")) as file:
            journal = [json.loads(line) for line in file if line.strip()]
        answers = {one["id"][-1]: one["status"] for one in journal if one["kind"] == "answer"}
        if shares:
            assert answers == dict(zip("1234567", [
                "applied", "applied", "applied", "applied", "refused", "applied", "applied"]))
            assert ends[0][:3] == [5, 0.05, 0], ends
        else:
            assert set(answers.values()) == {"refused"} and len(answers) == 7
            assert ends[0][:3] == [8, 0.1, 0], ends
        print("two ranks,", "with a broadcast" if shares else "without")


check_schedules()
check_prune(lambda parameters: torch.optim.SGD(parameters, lr=0.05, momentum=0.9), "SGD")
check_prune(lambda parameters: torch.optim.AdamW(parameters, lr=0.01), "AdamW")
check_resume()
check_writer()
if torch.distributed.is_available():
    check_ranks()
print("all hold with PyTorch", torch.__version__)
