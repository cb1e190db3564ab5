"""Tasks and training for the PyTorch encoder-decoder of `seq2seq_torch`.

Symbols 0, 1 and 2 are padding, begin and end; sequences are padded on the right.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from lstm_course.variants.seq2seq import teacher_inputs
from lstm_course.variants.seq2seq_torch import Seq2Seq

PAD, BEGIN, END = 0, 1, 2
WORDS = 10  # of the dictionary: symbols 3 to 12 on both sides
#: What each symbol is translated into; always the same.
DICTIONARY = np.array([0, 1, 2, 8, 5, 12, 3, 10, 7, 4, 11, 6, 9])


class Batch(NamedTuple):
    """A padded batch of pairs; each target ends with END."""

    source: Tensor  # (N, S)
    mask: Tensor  # (N, S)
    inputs: Tensor  # (N, T): the target one step later, BEGIN in front
    target: Tensor  # (N, T)
    target_mask: Tensor  # (N, T)

    def rows(self, chosen: Tensor | slice) -> Batch:
        """Return some of the pairs."""
        return Batch(*(tensor[chosen] for tensor in self))


def pad(sequences: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
    """Return symbols (N, longest), filled up with PAD, and their mask (N, longest)."""
    longest = max(len(one) for one in sequences)
    symbols = np.array([[*one, *[PAD] * (longest - len(one))] for one in sequences])
    lengths = np.array([len(one) for one in sequences])
    mask = (np.arange(longest) < lengths[:, None]).astype(np.float32)
    return torch.from_numpy(symbols), torch.from_numpy(mask)


def make_batch(sources: Sequence[Sequence[int]], targets: Sequence[Sequence[int]]) -> Batch:
    """Return a batch of pairs; END is added to every target."""
    source, mask = pad(sources)
    target, target_mask = pad([[*one, END] for one in targets])
    inputs = torch.from_numpy(teacher_inputs(target.numpy(), BEGIN))
    return Batch(source, mask, inputs, target, target_mask)


def dictionary_copy(rng: np.random.Generator, N: int, T: int, *, reverse: bool = False) -> Batch:
    """Draw N sentences of T random words and their translations, word by word.

    With ``reverse`` the encoder is given each sentence from its end.
    """
    words = rng.integers(3, 3 + WORDS, (N, T))
    source = words[:, ::-1] if reverse else words
    return make_batch(source.tolist(), DICTIONARY[words].tolist())


def masked_loss(scores: Tensor, target: Tensor, mask: Tensor) -> Tensor:
    """Return the mean cross-entropy (nats a symbol) where the mask is 1."""
    nll = cross_entropy(scores.transpose(1, 2), target, reduction="none")
    return (nll * mask).sum() / mask.sum()


def train_seq2seq(
    model: Seq2Seq,
    draw: Callable[[np.random.Generator], Batch],
    updates: int,
    seed: int,
    learning_rate: float = 0.01,
) -> list[float]:
    """Train with teacher forcing, Adam, one cycle of the rate and clipping; return the losses.

    ``model`` is changed in place; ``draw`` makes each of the ``updates`` batches from a generator
    seeded by ``seed``; ``learning_rate`` is the largest of the cycle.
    """
    rng, losses = np.random.default_rng(seed), []
    optimizer = torch.optim.Adam(model.parameters(), learning_rate)
    cycle = torch.optim.lr_scheduler.OneCycleLR(optimizer, learning_rate, updates)
    for _ in range(updates):
        batch = draw(rng)
        scores = model(batch.source, batch.inputs, batch.mask)
        loss = masked_loss(scores, batch.target, batch.target_mask)
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        cycle.step()
        losses.append(loss.item())
    return losses


@torch.no_grad()
def greedy(model: Seq2Seq, source: Tensor, mask: Tensor, longest: int) -> tuple[Tensor, Tensor]:
    """Let the model write ``longest`` symbols, each from the one it wrote before.

    Returns the symbols (N, longest) and the attention (N, longest, S), (N, longest, 0) without one.
    """
    keys, states = model.encode(source, mask)
    symbol, symbols, seen = torch.full((len(source), 1), BEGIN), [], []
    for _ in range(longest):
        scores, states, attention = model.decode(symbol, states, keys, mask)
        symbol = scores.argmax(dim=2)
        symbols.append(symbol)
        seen.append(keys.new_zeros(len(source), 1, 0) if attention is None else attention)
    return torch.cat(symbols, dim=1), torch.cat(seen, dim=1)


def share_exact(model: Seq2Seq, batch: Batch) -> float:
    """Return the share of sources whose whole greedy output is right, END included."""
    symbols, _ = greedy(model, batch.source, batch.mask, batch.target.shape[1])
    right = (symbols == batch.target) | (batch.target_mask == 0)
    return float(right.all(dim=1).float().mean())
