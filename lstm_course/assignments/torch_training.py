"""Reference versions of the functions that the assignment ``torch_training`` asks for.

Hidden tests train a twin of the student's model with these and compare weights and losses;
from one question to the next, the notebook replaces the student's functions by these.

A model maps ``x (N, T, D)`` and a state to a forecast ``(N, T, 1)`` and the new state.
"""

from __future__ import annotations

import copy
import math

import torch
from torch import Tensor
from torch.nn import Module
from torch.nn.functional import mse_loss
from torch.optim import Optimizer

Pair = tuple[Tensor, Tensor]

__all__ = ["clip_gradients", "evaluate", "fit", "train", "train_chunks", "training_step"]


def training_step(model: Module, optimizer: Optimizer, x: Tensor, y: Tensor) -> float:
    """Do one step of the optimiser; return the loss before it."""
    optimizer.zero_grad()
    loss = mse_loss(model(x)[0], y)
    loss.backward()  # type: ignore[no-untyped-call]
    optimizer.step()
    return loss.item()


def clip_gradients(model: Module, max_norm: float) -> float:
    """Scale all gradients so that their joint norm is at most ``max_norm``; return it before."""
    gradients = [p.grad for p in model.parameters() if p.grad is not None]
    norm = math.sqrt(sum((gradient**2).sum().item() for gradient in gradients))
    if norm > max_norm:
        for gradient in gradients:
            gradient *= max_norm / norm
    return norm


def train(
    model: Module,
    optimizer: Optimizer,
    x: Tensor,
    y: Tensor,
    epochs: int = 1,
    batch_size: int = 16,
    max_norm: float = 1.0,
) -> list[float]:
    """Train in batches, in order; return the mean loss of each epoch."""
    model.train()
    losses = []
    for _ in range(epochs):
        total = 0.0
        for start in range(0, len(x), batch_size):
            x_batch, y_batch = x[start : start + batch_size], y[start : start + batch_size]
            optimizer.zero_grad()
            loss = mse_loss(model(x_batch)[0], y_batch)
            loss.backward()  # type: ignore[no-untyped-call]
            clip_gradients(model, max_norm)
            optimizer.step()
            total += loss.item() * len(x_batch)
        losses.append(total / len(x))
    return losses


def evaluate(model: Module, x: Tensor, y: Tensor, batch_size: int = 16) -> float:
    """Return the mean loss over all examples; the model stays in the mode it was in."""
    was_training = model.training
    model.eval()
    total = 0.0
    with torch.no_grad():
        for start in range(0, len(x), batch_size):
            x_batch, y_batch = x[start : start + batch_size], y[start : start + batch_size]
            total += mse_loss(model(x_batch)[0], y_batch).item() * len(x_batch)
    model.train(was_training)
    return total / len(x)


def train_chunks(
    model: Module, optimizer: Optimizer, x: Tensor, y: Tensor, chunk: int, max_norm: float = 1.0
) -> tuple[list[float], Pair]:
    """Train on pieces of ``chunk`` time steps, with the state carried on and cut loose."""
    model.train()
    losses, state = [], None
    for start in range(0, x.shape[1], chunk):
        forecast, state = model(x[:, start : start + chunk], state)
        loss = mse_loss(forecast, y[:, start : start + chunk])
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        clip_gradients(model, max_norm)
        optimizer.step()
        state = (state[0].detach(), state[1].detach())
        losses.append(loss.item())
    if state is None:
        raise ValueError("x must have at least one time step")
    return losses, state


def fit(
    model: Module,
    optimizer: Optimizer,
    train_set: Pair,
    valid_set: Pair,
    epochs: int,
    patience: int,
) -> list[float]:
    """Train with early stopping; leave the best weights in the model."""
    losses: list[float] = []
    best, weights_of_best = math.inf, copy.deepcopy(model.state_dict())
    for _ in range(epochs):
        train(model, optimizer, *train_set)
        losses.append(evaluate(model, *valid_set))
        if losses[-1] < best:
            best, weights_of_best = losses[-1], copy.deepcopy(model.state_dict())
        elif len(losses) - 1 - losses.index(best) >= patience:
            break
    model.load_state_dict(weights_of_best)
    return losses
