"""A small PyTorch training that nntop watches and steers; its data is made up, so it needs no
download. In two terminals:

    python3 train_mnist_like.py            # or: python3 train_mnist_like.py --resume
    nntop runs/mnist-like                  # P L V X U C K steer it
"""
import argparse

import torch
from torch.nn import functional

from nntop_run import Run

parser = argparse.ArgumentParser()
parser.add_argument("--directory", default="runs/mnist-like")
parser.add_argument("--steps", type=int, default=20_000)
parser.add_argument("--resume", action="store_true", help="go on from the newest checkpoint")
arguments = parser.parse_args()

torch.manual_seed(1)
prototypes = torch.randn(10, 1, 14, 14)  # ten "digits", each seen through noise and shifts


def batch(size):
    labels = torch.randint(10, (size,))
    shift = int(torch.randint(-2, 3, ()))
    return prototypes[labels].roll(shift, 3) + torch.randn(size, 1, 14, 14), labels


model = torch.nn.Sequential(
    torch.nn.Conv2d(1, 8, 3, stride=2), torch.nn.ReLU(), torch.nn.Flatten(),
    torch.nn.Linear(8 * 36, 64), torch.nn.ReLU(), torch.nn.Linear(64, 10))
optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.05, total_steps=arguments.steps + 1)

run = Run(arguments.directory, hyperparameters={"batch_size": 64, "lr": 0.05}, steps=arguments.steps)
run.control(optimizer, scheduler, model=model)
run.number("temperature", 1.0, minimum=0.1, maximum=10, description="divides the logits")
start = run.restore() if arguments.resume else 0

for step in range(start + 1, arguments.steps + 1):
    images, labels = batch(64)
    loss = functional.cross_entropy(model(images) / run["temperature"], labels)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    scheduler.step()
    run.log(step, loss=loss.item())
    if step % 100 == 0:
        with torch.no_grad():
            images, labels = batch(512)
            logits = model(images)
            run.log(step, **{
                "val/loss": functional.cross_entropy(logits, labels),
                "val/accuracy": (logits.argmax(1) == labels).float().mean()})
    if not run.step(step):
        break
run.finish()
