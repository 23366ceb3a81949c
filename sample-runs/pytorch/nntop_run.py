"""Lets nntop watch and steer a training loop. One file, Python 3.8 or newer, no dependencies.

    from nntop_run import Run

    run = Run("runs/my-run", hyperparameters={"batch_size": 64}, steps=10_000)
    run.control(optimizer, scheduler, model=model)
    run.number("temperature", 1.0, minimum=0, maximum=2)
    for step in range(1, 10_001):
        ...                                  # as always; run["temperature"] is its present value
        run.log(step, loss=loss.item(), **{"val/accuracy": accuracy})
        if not run.step(step):               # pauses here, obeys, answers; False: stop
            break
    run.finish()

The run's directory is all there is: nothing listens on a network. PROTOCOL.md describes its files.
PyTorch is used where the loop hands over something of PyTorch, and never imported otherwise.
"""
import atexit
import errno
import fcntl
import json
import logging
import math
import os
import re
import socket
import struct
import sys
import time
from typing import Any, Callable, Dict, Iterable, List, NamedTuple, Optional, Sequence, Set, Tuple

POLL_SECONDS = 0.05  # between two looks at control.jsonl
FLUSH_SECONDS = 0.15  # points wait so long for the disk at most
SPARSITY_SECONDS = 1.0  # between two points of its curves
LOCK_PATIENCE_SECONDS = 1.0
RECORD_SIZE_MAX = 4096  # bytes of a JSON record, so that one write takes it whole
REQUEST_SIZE_MAX = 2048  # bytes of a command: its answer repeats it
REASON_LENGTH_MAX = 300
LAYERS_PER_RECORD_MAX = 8
READ_SIZE_MAX = 4 << 20
EVENTS_SIZE_MAX = 8 << 20  # bytes of points that wait for the disk
WAITING_MAX = 10_000  # commands that wait for their step; records that wait for the disk
UNDO_MAX = 8
FLOAT32_MAX = 3.4028234e38
LEARNING_RATE_RANGE = (1e-12, 1e6)  # without 0, which nothing could scale back
ARGUMENTS = (
    "command", "value", "scale", "name", "method", "sparsity", "scope", "layers", "preview")
WRAPPERS = ("DistributedDataParallel", "DataParallel", "OptimizedModule")
JSONObject = Dict[str, Any]


class _Refusal(Exception):
    """Why a command is not obeyed."""


class _EventFile:
    """Points in the format of TensorBoard; records gather in memory and are appended whole."""

    def __init__(self, path: str, first_step: int) -> None:
        self._path, self._waiting = path, bytearray()
        self._add(0, _message(3, b"brain.Event:2"))
        self._add(first_step, _message(7, b"\x08\x01"))  # SessionLog START

    def scalars(self, step: int, points: Dict[str, float]) -> None:
        summary = b""
        for tag, value in points.items():
            narrow = math.copysign(math.inf, value) if abs(value) > FLOAT32_MAX else value
            summary += _message(1, _message(1, tag.encode()) + b"\x15" + struct.pack("<f", narrow))
        self._add(step, _message(5, summary))

    def flush(self) -> None:
        """Gives all that waits to the kernel; after an OSError the next call goes on there."""
        if self._waiting:
            file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
            try:
                while self._waiting:
                    del self._waiting[:os.write(file, self._waiting)]
            finally:
                os.close(file)

    def _add(self, step: int, content: bytes) -> None:
        if len(self._waiting) < EVENTS_SIZE_MAX:
            event = b"\x09" + struct.pack("<d", time.time()) + b"\x10" + _varint(step) + content
            for part in (struct.pack("<Q", len(event)), event):
                self._waiting += part + struct.pack("<I", masked_crc32c(part))


def masked_crc32c(data: bytes) -> int:
    """The checksum of TFRecord files: CRC-32C, rotated by 15 bits, plus a constant."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc = _CRC_TABLE[(crc ^ byte) & 0xFF] ^ (crc >> 8)
    crc ^= 0xFFFFFFFF
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


_CRC_TABLE = list(range(256))
for _ in range(8):
    _CRC_TABLE = [(crc >> 1) ^ (0x82F63B78 if crc & 1 else 0) for crc in _CRC_TABLE]


def _varint(value: int) -> bytes:
    digits, value = bytearray(), value & (1 << 64) - 1
    while value > 0x7F:
        digits.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes(digits) + bytes([value])


def _message(field: int, content: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(content)) + content


class _Lines:
    """The JSON objects of a file that grows; what is none is skipped."""

    def __init__(self, path: str) -> None:
        self._path, self._offset, self._file = path, 0, (0, 0)

    def read(self) -> List[JSONObject]:
        """Those whose lines have come to an end since the last call."""
        try:
            status = os.stat(self._path)
            if (status.st_dev, status.st_ino) != self._file or status.st_size < self._offset:
                self._file, self._offset = (status.st_dev, status.st_ino), 0
            if status.st_size == self._offset:
                return []
            with open(self._path, "rb") as file:
                file.seek(self._offset)
                data = file.read(READ_SIZE_MAX)
        except OSError:
            return []  # not there yet, or not readable now
        end = data.rfind(b"\n") + 1 or (len(data) if len(data) == READ_SIZE_MAX else 0)
        self._offset += end
        records = []
        for line in data[:end].split(b"\n"):
            try:
                records.append(json.loads(line) if line.strip() else None)
            except (ValueError, RecursionError):
                pass
        return [record for record in records if isinstance(record, dict)]


class _Journal:
    """journal.jsonl: what happened, appended record by record; each is a line of its own."""

    def __init__(self, path: str, is_written: bool) -> None:
        self._path, self._is_written = path, is_written
        self._waiting: List[bytes] = []
        self._has_warned = False
        self.step = 0
        self.answered: Set[str] = set()  # ids
        self.checkpoints: List[str] = []
        lines = _Lines(path)
        for records in iter(lines.read, []):
            for record in records:
                if record.get("kind") == "answer":
                    self.answered.add(str(record.get("id")))
                elif record.get("kind") == "checkpoint":
                    self.checkpoints.append(str(record.get("name")))

    def tell(self, kind: str, **details: Any) -> None:
        """What the disk does not take now waits."""
        if self._is_written:
            self._waiting.append(self._record(kind, details))
            del self._waiting[:-WAITING_MAX]
            self.attempt(self.flush)

    def refuse(self, name: str, reason: str) -> None:
        self.tell("answer", id=name, status="refused", reason=reason)

    def answer(self, name: str, request: JSONObject, layers: Sequence[JSONObject] = (),
               **details: Any) -> None:
        """On the disk when this returns; OSError when it is not."""
        count = LAYERS_PER_RECORD_MAX
        more = [{"id": name, "layers": layers[start:start + count]}
                for start in range(0, len(layers) - count, count)]
        last = layers[len(more) * count:] or None
        self.flush()
        self._append([self._record("layers", one) for one in more] + [self._record("answer", dict(
            details, id=name, request=request, layers=last))], is_durable=True)

    def flush(self) -> None:
        self._append(self._waiting)

    def attempt(self, write: Callable[[], None]) -> bool:
        """False when the disk takes nothing, which is told once and stops nothing."""
        try:
            write()
            return True
        except OSError as error:
            if not self._has_warned:
                logging.getLogger("nntop").warning("the run's log is not written: %s", error)
            self._has_warned = True
            return False

    def _record(self, kind: str, details: JSONObject) -> bytes:
        record = {"v": 1, "t": time.time(), "step": self.step, "kind": kind}
        record.update((key, one) for key, one in details.items() if one is not None)
        for key in record.keys() & {"reason", "text"}:
            record[key] = record[key][:REASON_LENGTH_MAX]
        return b"\n%s\n" % json.dumps(record).encode()

    def _append(self, records: List[bytes], is_durable: bool = False) -> None:
        """Takes records from the list as they are written, each by one write."""
        if records:
            file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
            try:
                while records:
                    if os.write(file, records[0]) < len(records[0]) - 1:
                        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                    del records[0]
                if is_durable:
                    getattr(os, "fdatasync", os.fsync)(file)
            finally:
                os.close(file)


def _require(holds: bool, reason: str, *arguments: Any) -> None:
    if not holds:
        raise _Refusal(reason % arguments)


def _number(request: JSONObject, key: str) -> float:
    value = request.get(key)
    _require(type(value) in (int, float) and abs(value) < 1e300, '"%s" must be a number', key)
    return float(value)


class _LearningRate:
    """The learning rate of all parameter groups, and all that their schedulers know of it."""

    def __init__(self, optimizers: Sequence[Any], schedulers: Sequence[Any]) -> None:
        self._optimizers, self._schedulers = optimizers, []
        waiting = list(schedulers)
        while waiting:  # SequentialLR and ChainedScheduler hold others
            scheduler = waiting.pop()
            if not any(scheduler is known for known in self._schedulers):
                self._schedulers.append(scheduler)
                waiting += getattr(scheduler, "_schedulers", [])

    @property
    def value(self) -> float:
        """Of the first parameter group, by which people know it."""
        return float(self._optimizers[0].param_groups[0]["lr"])

    def scale(self, ratio: float) -> None:
        """Scales what holds now and what the schedule will make of it."""
        for group in (group for one in self._optimizers for group in one.param_groups):
            for key in ("lr", "initial_lr", "max_lr", "min_lr", "swa_lr"):
                if hasattr(group.get(key), "mul_"):  # optimizers may keep it as a tensor
                    group[key].mul_(ratio)
                elif key in group:
                    group[key] *= ratio
        for scheduler in self._schedulers:
            for name in ("base_lrs", "max_lrs", "_last_lr"):
                if hasattr(scheduler, name):
                    setattr(scheduler, name, [rate * ratio for rate in getattr(scheduler, name)])
            if hasattr(scheduler, "eta_min"):
                scheduler.eta_min *= ratio


class _Pruning:
    """Masks over the weights of all linear and convolutional layers of a PyTorch model."""

    def __init__(self, torch: Any, model: Any, optimizers: Sequence[Any]) -> None:
        self._torch, self._model, self._optimizers = torch, model, optimizers
        kinds, weights = (torch.nn.Linear, torch.nn.modules.conv._ConvNd), {}
        for name, module in model.named_modules():
            weight = module._parameters.get("weight") if isinstance(module, kinds) else None
            # Weights that several ranks hold in parts cannot be compared here.
            if weight is not None and type(weight.data) is torch.Tensor:
                weights.setdefault(id(weight), (name or "model", weight))  # shared ones count once
        self.layers: Dict[str, Any] = dict(weights.values())
        self.masks: Dict[str, Any] = {}  # by layer: True where a weight is gone

    def planned(self, request: JSONObject) -> Dict[str, Any]:
        """The masks after a prune: the smallest weights go, of equal ones those that come first."""
        torch, names = self._torch, request.get("layers") or list(self.layers)
        scope = request.get("scope", "global")
        _require(request.get("method") == "magnitude", "the only method is magnitude")
        _require(scope == "global" and "layers" not in request or scope in ("layer", "layers")
                 and "layers" in request, '"scope" must be global, or layers with their names')
        _require(isinstance(names, list) and all(name in self.layers for name in map(str, names)),
                 "there is no such layer; prunable are %s", ", ".join(self.layers))
        sparsity, names = _number(request, "sparsity"), list(dict.fromkeys(names))
        _require(0 < sparsity < 1, '"sparsity" must be a number between 0 and 1')
        scores = torch.cat([self._scores(name) for name in names])
        _require(bool(torch.isfinite(scores).all()), "a weight is not a finite number")
        count = scores.numel() - int((1 - sparsity) * scores.numel() + 0.5)
        gone = scores < 0
        if count > int(gone.sum()):
            threshold = scores.kthvalue(count).values
            gone = scores < threshold
            equal = (scores == threshold).nonzero().flatten()
            gone[equal[:count - int(gone.sum())]] = True
        parts = gone.split([self.layers[name].numel() for name in names])
        masks = dict(self.masks)
        for name, part in zip(names, parts):
            masks[name] = part.view_as(self.layers[name]).to(self.layers[name].device)
        return masks

    def _scores(self, name: str) -> Any:
        """Absolute values, -1 for what is gone, on the device of the first layer."""
        scores = self.layers[name].detach().abs()
        if name in self.masks:
            scores = scores.masked_fill(self.masks[name], -1)
        return scores.flatten().to(next(iter(self.layers.values())).device,
                                   self._torch.promote_types(scores.dtype, self._torch.float32))

    def sparsity(self, masks: Dict[str, Any]) -> Dict[str, float]:
        """The fraction of zeros by mask of each layer, and of all as `total`."""
        zeros = {name: int(masks[name].sum()) if name in masks else 0 for name in self.layers}
        sizes = {name: max(1, weight.numel()) for name, weight in self.layers.items()}
        layers = {name: zeros[name] / sizes[name] for name in self.layers}
        return dict(layers, total=sum(zeros.values()) / sum(sizes.values()))

    def keep(self) -> None:
        """What is gone stays gone: weights and momentum are masked again after an update."""
        with self._torch.no_grad():
            for name, gone in self.masks.items():
                weight = self.layers[name]
                states = [one.state[weight] for one in self._optimizers if weight in one.state]
                for tensor in [weight] + [one for state in states for one in state.values()]:
                    if getattr(tensor, "shape", None) == weight.shape:
                        tensor.masked_fill_(gone, 0)

    def put_on(self, masks: Dict[str, Any]) -> Tuple[JSONObject, Dict[str, Any]]:
        """Returns the masks before, and a copy of all weights and buffers in main memory."""
        tensors = {name: one.detach().to("cpu", copy=True) if hasattr(one, "detach") else one
                   for name, one in self._model.state_dict().items()}
        before, self.masks = self.masks, masks
        self.keep()
        return tensors, before

    def restore(self, kept: Tuple[JSONObject, Dict[str, Any]]) -> None:
        self._model.load_state_dict(kept[0])
        self.masks = kept[1]


class _Change(NamedTuple):
    """A change of the training, planned: nothing has happened before `make`."""

    command: str
    words: str
    step: int
    old: float
    new: float
    make: Callable[[], Any]
    take_back: Callable[[], Any]
    layers: Sequence[JSONObject] = ()


class _Control:
    """What can be changed, and what has been."""

    def __init__(self) -> None:
        self.numbers: Dict[str, JSONObject] = {}
        self.optimizers: List[Any] = []
        self.schedulers: List[Any] = []
        self.rate: Optional[_LearningRate] = None
        self.rate_range = LEARNING_RATE_RANGE
        self.pruning: Optional[_Pruning] = None
        self.changes: List[_Change] = []  # the latest, which undo takes back

    def declarations(self) -> List[JSONObject]:
        """What may be asked, and its bounds."""
        declared = list(self.numbers.values())
        if self.rate:
            low, high = self.rate_range
            declared.append({"command": "set_learning_rate", "minimum": low, "maximum": high})
        if self.pruning:
            declared.append({"command": "prune", "methods": ["magnitude"],
                             "scopes": ["global", "layer", "layers"]})
        return declared and declared + [{"command": "undo", "restores_weights": ["prune"]}]

    def planned(self, request: JSONObject, step: int) -> _Change:
        return getattr(self, "_planned_" + request["command"])(request, step)

    def _planned_set_learning_rate(self, request: JSONObject, step: int) -> _Change:
        rate, old = self.rate, self.rate.value
        _require(("value" in request) != ("scale" in request),
                 'either "value" or "scale" must be given')
        _require(0 < old < math.inf, "the learning rate is %g here, which nothing can scale", old)
        new = _number(request, "value") if "value" in request else old * _number(request, "scale")
        low, high = self.rate_range
        _require(low <= new <= high, "a learning rate is a number from %g to %g", low, high)
        return _Change("set_learning_rate", "learning rate", step, old, new,
                       lambda: rate.scale(new / old), lambda: rate.scale(old / new))

    def _planned_set(self, request: JSONObject, step: int) -> _Change:
        name, new = str(request.get("name")), _number(request, "value")
        _require(name in self.numbers, 'there is no number "%s"; there are %s', name,
                 ", ".join(self.numbers))
        number = self.numbers[name]
        old, low = number["value"], number.get("minimum", -math.inf)
        high = number.get("maximum", math.inf)
        _require(low <= new <= high, "%s is a number from %g to %g", name, low, high)
        return _Change("set", "set " + name, step, old, new,
                       lambda: number.update(value=new), lambda: number.update(value=old))

    def _planned_prune(self, request: JSONObject, step: int) -> _Change:
        pruning, masks = self.pruning, self.pruning.planned(request)
        old, new = pruning.sparsity(pruning.masks), pruning.sparsity(masks)
        _require(new["total"] > old["total"], "the sparsity is %.1f%% already", 100 * old["total"])
        layers = [{"name": name, "before": old[name], "after": new[name],
                   "parameters": round(weight.numel() * (1 - new[name]))}
                  for name, weight in pruning.layers.items()]
        kept: List[Any] = []
        return _Change("prune", "prune", step, old["total"], new["total"],
                       lambda: kept.append(pruning.put_on(masks)),
                       lambda: pruning.restore(kept.pop()), layers)

    def _planned_undo(self, request: JSONObject, step: int) -> _Change:
        _require(bool(self.changes), "there is nothing to undo")
        last = self.changes[-1]
        old, new = last.new, last.old
        if last.command == "set_learning_rate":  # the schedule has gone on since
            old = self.rate.value
            new = old * (last.old / last.new)
        return _Change("undo", "%s at step %d" % (last.words, last.step), step, old, new,
                       last.take_back, lambda: None)


def _listed(value: Any) -> List[Any]:
    return list(value) if isinstance(value, (list, tuple)) else [] if value is None else [value]


class Run:
    """A run's directory, and the training loop in it that obeys what people ask.

    directory: made when it is missing; one loop at a time writes into it.
    hyperparameters: shown and compared; what JSON can hold.
    steps: the step at which the training will be complete, when that is known.
    writer: a SummaryWriter on the same directory, to log through it instead.
    broadcast: with several ranks of torch.distributed, takes rank 0's list of commands and returns
        it on every rank; called on all of them in every step. Without it commands are refused.
        Make the run after init_process_group, on each rank.
    Trouble with the disk is told once and stops no training.
    """

    def __init__(self, directory: str, hyperparameters: Optional[JSONObject] = None,
                 steps: Optional[int] = None, writer: Any = None,
                 broadcast: Optional[Callable[[List[Any]], List[Any]]] = None) -> None:
        self.directory, self.hyperparameters = os.path.abspath(directory), hyperparameters or {}
        self._steps, self._writer, self._broadcast = steps, writer, broadcast
        group = getattr(sys.modules.get("torch"), "distributed", None)
        is_alone = group is None or not group.is_available() or not group.is_initialized()
        self._is_main = is_alone or group.get_rank() == 0
        self._rank_count = 1 if is_alone else group.get_world_size()
        self._process = os.getpid()  # a fork of it writes nothing
        self._control = _Control()
        self._model: Any = None
        self._save: Optional[Callable[[str], Optional[str]]] = None
        self._restored = ""  # the checkpoint that the training goes on from
        self._end = ""  # why the loop has to end
        self._has_begun = self._is_paused = self._is_over = False
        self._change_count = 0  # since the last update
        self._commands: List[JSONObject] = []  # that wait to be obeyed
        self._events: Any = writer  # where points go
        self._next_look = self._next_flush = self._next_sparsity = 0.0
        self._sparsity: Dict[str, float] = {}  # as it was logged last
        self._lock: Optional[int] = None
        if self._is_main:
            self._take_directory()
        self._journal = _Journal(self._path("journal.jsonl"), self._is_main)
        self._asked = _Lines(self._path("control.jsonl"))
        self._asked_before = self._asked.read()
        os.register_at_fork(after_in_child=self._let_go)
        atexit.register(self._leave)

    # What the loop says

    def control(self, optimizer: Any = None, scheduler: Any = None, model: Any = None,
                checkpoint: Optional[Callable[[str], Optional[str]]] = None,
                learning_rate: Tuple[float, float] = LEARNING_RATE_RANGE) -> None:
        """Hands over what can be changed: one optimizer and scheduler, or lists of them.

        checkpoint: called on every rank with a path without an ending, to write a checkpoint
        there; it may return the path that it wrote. By default torch.save writes the model.
        """
        control, torch = self._control, sys.modules.get("torch")
        control.optimizers, control.schedulers = _listed(optimizer), _listed(scheduler)
        control.rate_range, self._save = learning_rate, checkpoint
        if control.optimizers:
            control.rate = _LearningRate(control.optimizers, control.schedulers)
        if torch is not None and isinstance(model, torch.nn.Module):
            while type(model).__name__ in WRAPPERS:
                model = model._orig_mod if hasattr(model, "_orig_mod") else model.module
            self._model, pruning = model, _Pruning(torch, model, control.optimizers)
            control.pruning = pruning if pruning.layers else None
            self._save = checkpoint or self._save_with_torch

    def number(self, name: str, value: float, minimum: Optional[float] = None,
               maximum: Optional[float] = None, description: Optional[str] = None) -> None:
        """Declares a number that people may set; run[name] is what it is now."""
        number = {"command": "set", "name": name, "value": value, "minimum": minimum,
                  "maximum": maximum, "description": description}
        self._control.numbers[name] = {key: one for key, one in number.items() if one is not None}

    def __getitem__(self, name: str) -> float:
        return self._control.numbers[name]["value"]

    def log(self, step: int, /, **values: Any) -> None:
        """Logs numbers of a step; a name without a slash gets `train/` before it."""
        if self._is_main and self._begin():
            points = {name if "/" in name else "train/" + name: float(value)
                      for name, value in values.items()}
            if self._control.rate:
                points.setdefault("optimizer/learning_rate", self._control.rate.value)
            if time.monotonic() >= self._next_sparsity:  # so that its curve is flat between changes
                self._next_sparsity = time.monotonic() + SPARSITY_SECONDS
                points.update(self._sparsity)
            self._scalars(step, points)

    def step(self, step: int) -> bool:
        """To be called after each update: obeys what was asked; False when the loop has to end."""
        if not self._begin():
            return not self._is_over
        if step != self._journal.step:
            self._journal.step, self._change_count = step, 0
        if self._control.pruning and self._control.pruning.masks:
            self._control.pruning.keep()
        self._obey()
        while self._is_paused and not self._end:
            time.sleep(POLL_SECONDS)
            self._obey()
        if time.monotonic() >= self._next_flush:
            self._flush()
        return not self._end

    def checkpoint(self) -> str:
        """Writes a checkpoint of the present state, on every rank, and returns its file's name."""
        if self._save is None:
            raise ValueError("there is nothing to write: give control() a model or a checkpoint")
        os.makedirs(self._path("checkpoints"), exist_ok=True)
        name = "step-%09d-%02d" % (self._journal.step, self._change_count)
        path = self._path("checkpoints", name)
        self._flush()
        name = os.path.basename(self._save(path) or path)
        self._journal.tell("checkpoint", name=name)
        return name

    def restore(self) -> int:
        """Goes back to the newest checkpoint that torch.save wrote here: model, optimizers,
        schedulers, masks, numbers, as they were then. Returns its step, 0 when there is none.
        Comes after control() and number(), before the first step."""
        names = [name for name in self._journal.checkpoints
                 if name.endswith(".pt") and os.path.exists(self._path("checkpoints", name))]
        if not names:
            return 0
        control, path = self._control, self._path("checkpoints", names[-1])
        state = sys.modules["torch"].load(path, map_location="cpu")
        self._model.load_state_dict(state["model"])
        for one, kept in zip(control.optimizers + control.schedulers, state["others"]):
            one.load_state_dict(kept)
        for name in control.numbers.keys() & state["numbers"].keys():
            control.numbers[name]["value"] = state["numbers"][name]
        if control.pruning:
            control.pruning.masks = {name: mask.to(control.pruning.layers[name].device)
                                     for name, mask in state["masks"].items()}
        self._journal.step, self._restored = state["step"], names[-1]
        return state["step"]

    def finish(self, error: Optional[str] = None) -> None:
        """Says how the training ended: complete, asked to stop, or failed by an error."""
        if self._begin():
            self._receive(self._asked.read())
            for command in self._commands:
                self._journal.refuse(command["id"], "the training is over")
            self._flush()
            phase = "failed" if error else "stopped" if self._end else "finished"
            self._tell_phase(phase, error or self._end or None)
            self._is_over = True
            atexit.unregister(self._leave)
            self._let_go()

    # Obeying

    def _obey(self) -> None:
        """Between two updates: rank 0 answers, then every rank does the same."""
        while True:
            commands = self._accepted() if self._is_main else []
            if self._broadcast and self._rank_count > 1:
                commands = self._broadcast(commands)
            for command in commands:
                self._do(command)
            if not commands:
                return

    def _receive(self, records: Iterable[JSONObject], problem: str = "") -> None:
        """Takes each id once; a record without one is nobody's to answer."""
        for record in records:
            name, at_step = record.get("id"), record.get("at_step", 0)
            request = {key: record[key] for key in ARGUMENTS if key in record}
            if not isinstance(name, str) or not re.fullmatch("[0-9a-f]{16}", name):
                continue
            if name in self._journal.answered:
                continue
            self._journal.answered.add(name)
            try:
                _require(not problem, problem)
                _require(len(json.dumps(request)) <= REQUEST_SIZE_MAX,
                         "the command is longer than %d bytes", REQUEST_SIZE_MAX)
                _require(type(at_step) is int, '"at_step" must be an integer')
                _require(len(self._commands) < WAITING_MAX, "too many commands wait already")
                self._commands.append({"id": name, "request": request, "at_step": at_step})
            except _Refusal as refusal:
                self._journal.refuse(name, str(refusal))

    def _accepted(self) -> List[JSONObject]:
        """The next command to obey, its answer on the disk; none when none is left."""
        if time.monotonic() >= self._next_look:
            self._next_look = time.monotonic() + POLL_SECONDS
            self._receive(self._asked.read())
        for command in [one for one in self._commands if one["at_step"] <= self._journal.step]:
            name, request, answer = command["id"], command["request"], {}
            try:
                answer = self._answer(request)
                # A checkpoint is answered when it is there.
                if request["command"] != "checkpoint" and not self._journal.attempt(
                        lambda: self._journal.answer(name, request, **answer)):
                    return []  # what cannot be answered waits, and is not done
            except _Refusal as refusal:
                self._journal.refuse(name, str(refusal))
            self._commands.remove(command)
            if answer.get("status") == "applied":
                return [command]
        return []

    def _answer(self, request: JSONObject) -> JSONObject:
        """What a command would do; nothing has changed yet."""
        name = request.get("command")
        _require(self._rank_count == 1 or self._broadcast is not None,
                 "this training has several ranks, and Run was given no broadcast")
        _require(name in [one["command"] for one in self._declarations()],
                 "this run does not take %.100s", name)
        if name in ("pause", "resume"):
            _require(self._is_paused == (name == "resume"),
                     "is paused already" if self._is_paused else "is not paused")
        if name in ("pause", "resume", "stop", "checkpoint"):
            return {"status": "applied"}
        change = self._control.planned(request, self._journal.step)
        return {"status": "previewed" if request.get("preview") else "applied", "old": change.old,
                "new": change.new, "layers": change.layers,
                "reason": change.words if name == "undo" else None}

    def _do(self, command: JSONObject) -> None:
        """Takes effect, on every rank; rank 0 has answered."""
        request, name = command["request"], command["request"]["command"]
        if name in ("pause", "resume"):
            self._is_paused = name == "pause"
            self._flush()
            self._tell_phase("paused" if self._is_paused else "training")
        elif name == "stop":
            self._end = "asked to stop"
            if self._save:
                self._checkpoint_asked(lambda _: None, lambda problem: self._journal.tell(
                    "alert", text=problem))
        elif name == "checkpoint":
            self._checkpoint_asked(
                lambda written: self._journal.answer(
                    command["id"], request, status="applied", new=written),
                lambda problem: self._journal.refuse(command["id"], problem))
        else:
            self._change(self._control.planned(request, self._journal.step), request)

    def _checkpoint_asked(self, done: Callable[[str], Any], failed: Callable[[str], Any]) -> None:
        try:
            written = self.checkpoint()
            if self._is_main:
                done(written)
        except Exception as error:  # whatever the loop's own function throws
            failed("no checkpoint was written: %s" % error)

    def _change(self, change: _Change, request: JSONObject) -> None:
        change.make()
        changes = self._control.changes
        self._change_count += 1
        self._log_sparsity()
        if change.command == "undo":
            undone = changes.pop()
            self._journal.tell("undo", command=undone.command, restored_step=undone.step,
                               final_step=self._steps)
            return
        changes.append(change)
        del changes[:-UNDO_MAX]
        if change.command == "prune":
            self._journal.tell(
                "prune", method="magnitude", scope=" ".join(request.get("layers", ["global"])),
                before=change.old, after=change.new,
                parameters=sum(layer["parameters"] for layer in change.layers))

    # The files

    def _path(self, *names: str) -> str:
        return os.path.join(self.directory, *names)

    def _take_directory(self) -> None:
        """Makes the directory and takes its lock, which tells everyone that this process lives."""
        try:
            os.makedirs(self.directory, exist_ok=True)
            if os.path.exists(self._path("run.json")):
                with open(self._path("run.json"), encoding="utf-8") as file:
                    if '"engine"' not in file.read():
                        raise RuntimeError("%s is a run of nntop itself" % self.directory)
            self._lock = os.open(self._path("lock"), os.O_RDWR | os.O_CREAT, 0o666)
            deadline = time.monotonic() + LOCK_PATIENCE_SECONDS
            while True:
                try:
                    return fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:  # watchers hold it for a moment
                    if time.monotonic() > deadline:
                        raise RuntimeError("%s is written by another process" % self.directory)
                    time.sleep(0.02)
        except OSError as error:
            logging.getLogger("nntop").warning("%s cannot be used: %s", self.directory, error)

    def _let_go(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def _leave(self) -> None:
        """The interpreter ends, and finish() was not called."""
        error = getattr(sys, "last_value", None)
        if isinstance(error, KeyboardInterrupt):
            self._end, error = "interrupted", None
        self.finish("%s: %s" % (type(error).__name__, error) if error else None)

    def _begin(self) -> bool:
        """Begins the log with the first that there is to say; False when all has been said."""
        if not self._has_begun:
            self._has_begun = True
            self._journal.attempt(self._make_files)
            self._tell_phase("starting")
            if self._restored:
                self._journal.tell("restore", name=self._restored)
            self._receive(self._asked_before, "no engine was running")
            self._log_sparsity()
            self._tell_phase("training")
        return not self._is_over and os.getpid() == self._process

    def _make_files(self) -> None:
        if not self._is_main:
            return
        seed, path = self.hyperparameters.get("seed"), self._path("run.json")
        manifest = {
            "schema": 1, "name": os.path.basename(self.directory), "created": time.time(),
            "engine": "nntop_run.py", "argv": sys.argv, "host": socket.gethostname(),
            "seed": seed if type(seed) is int and seed >= 0 else 0, "threads": 1,
            "experiment": self.hyperparameters, "declares": self._declarations()}
        with open(path + ".new", "w", encoding="utf-8") as file:
            json.dump(manifest, file, indent=2, default=str)
            file.flush()
            os.fsync(file.fileno())
        os.replace(path + ".new", path)
        os.close(os.open(self._path("control.jsonl"), os.O_WRONLY | os.O_CREAT, 0o600))
        if self._writer is None:
            first_step = self._journal.step + 1 if self._restored else 0
            self._events = _EventFile(self._path(self._event_file_name()), first_step)

    def _event_file_name(self) -> str:
        """It sorts behind those that are there."""
        found = [re.match(r".*tfevents\.(\d{1,10})\.", name) for name in os.listdir(self.directory)]
        newest = max([int(one.group(1)) for one in found if one], default=-1)
        host = re.sub("[^A-Za-z0-9-]", "", socket.gethostname())
        seconds = max(int(time.time()), newest + 1)
        return "events.out.tfevents.%010d.%s.%d.0" % (seconds, host, os.getpid())

    def _declarations(self) -> List[JSONObject]:
        names = ["pause", "resume", "stop"] + (["checkpoint"] if self._save else [])
        return [{"command": name} for name in names] + self._control.declarations()

    def _save_with_torch(self, path: str) -> str:
        control = self._control
        if self._is_main:
            sys.modules["torch"].save({
                "step": self._journal.step, "model": self._model.state_dict(),
                "others": [one.state_dict() for one in control.optimizers + control.schedulers],
                "masks": control.pruning.masks if control.pruning else {},
                "numbers": {name: one["value"] for name, one in control.numbers.items()},
            }, path + ".new")
            os.replace(path + ".new", path + ".pt")
        return path + ".pt"

    def _scalars(self, step: int, points: Dict[str, float]) -> None:
        if self._writer is not None:
            for tag, value in points.items():
                self._writer.add_scalar(tag, value, step)
        elif self._events is not None:
            self._events.scalars(step, points)

    def _log_sparsity(self) -> None:
        pruning = self._control.pruning
        if pruning and self._is_main:
            found = pruning.sparsity(pruning.masks)
            self._sparsity = {"sparsity/" + name: value for name, value in found.items()}
            self._scalars(self._journal.step, self._sparsity)
        self._flush()

    def _flush(self) -> None:
        self._next_flush = time.monotonic() + FLUSH_SECONDS
        if self._is_main:
            self._journal.attempt(self._journal.flush)
            if self._events is not None:
                self._journal.attempt(self._events.flush)

    def _tell_phase(self, phase: str, reason: Optional[str] = None) -> None:
        self._journal.tell("phase", phase=phase, reason=reason, final_step=self._steps)
