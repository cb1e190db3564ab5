"""The linear-chain CRF of :mod:`lstm_course.variants.crf` as a PyTorch module.

Autograd differentiates the forward algorithm, so no backward pass is written.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from lstm_course.parity import torch_converters
from lstm_course.variants.crf import CRFWeights, check_crf_weights


class CRF(nn.Module):
    """Scores of M neighbouring tags: ``transitions (M, M)``, ``start (M,)``, ``end (M,)``."""

    def __init__(self, M: int) -> None:
        super().__init__()
        self.transitions = nn.Parameter(torch.zeros(M, M))  # from the row's to the column's tag
        self.start = nn.Parameter(torch.zeros(M))
        self.end = nn.Parameter(torch.zeros(M))

    def score(self, emissions: Tensor, tags: Tensor, lengths: Tensor) -> Tensor:
        """Return the score (N,) of one path for each sequence; padding of tags is >= 0."""
        real = torch.arange(tags.shape[1]) < lengths[:, None]  # (N, T)
        said = emissions.gather(2, tags[:, :, None])[:, :, 0] * real
        moves = self.transitions[tags[:, :-1], tags[:, 1:]] * real[:, 1:]
        last = tags.gather(1, lengths[:, None] - 1)[:, 0]
        return self.start[tags[:, 0]] + said.sum(1) + moves.sum(1) + self.end[last]

    def log_partition(self, emissions: Tensor, lengths: Tensor) -> Tensor:
        """Return the log of the sum of exp(score) over all paths, (N,)."""
        alpha = self.start + emissions[:, 0]  # (N, M)
        for t in range(1, emissions.shape[1]):
            arrive = torch.logsumexp(alpha[:, :, None] + self.transitions, dim=1)
            alpha = torch.where((t < lengths)[:, None], arrive + emissions[:, t], alpha)
        return torch.logsumexp(alpha + self.end, dim=1)

    def nll(self, emissions: Tensor, tags: Tensor, lengths: Tensor) -> Tensor:
        """Return the negative log-likelihood (N,) of the tags, in nats.

        Padding of ``tags (N, T)`` holds any tag from 0 to M - 1; ``lengths (N,)`` counts the real
        steps of each sequence, from the left.
        """
        return self.log_partition(emissions, lengths) - self.score(emissions, tags, lengths)

    @torch.no_grad()
    def decode(self, emissions: Tensor, lengths: Tensor) -> Tensor:
        """Return the best path of each sequence, int64 (N, T); padding holds -1."""
        _, T, M = emissions.shape
        best, came_from = self.start + emissions[:, 0], []
        for t in range(1, T):
            top, arg = (best[:, :, None] + self.transitions).max(dim=1)  # each (N, M)
            goes_on = (t < lengths)[:, None]
            came_from.append(torch.where(goes_on, arg, torch.arange(M)))
            best = torch.where(goes_on, top + emissions[:, t], best)
        path = [(best + self.end).argmax(dim=1)]
        for pointers in reversed(came_from):
            path.append(pointers.gather(1, path[-1][:, None])[:, 0])
        tags = torch.stack(path[::-1], dim=1)  # (N, T)
        return torch.where(torch.arange(T) < lengths[:, None], tags, -1)


to_torch, from_torch = torch_converters(
    {CRFWeights: CRF}, check_crf_weights, CRFWeights._fields, turned=False
)
