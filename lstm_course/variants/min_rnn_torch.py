"""minGRU and minLSTM as PyTorch modules, with four ways to run the recurrence.

As :mod:`lstm_course.variants.min_rnn`; gradients come from autograd.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import logsigmoid, softplus

from lstm_course.parity import torch_converters
from lstm_course.variants.min_rnn import MinGRUWeights, MinLSTMWeights, check_min_rnn_weights
from lstm_course.variants.scan_torch import SCANS, scan_log


def log_positive(a: Tensor) -> Tensor:
    """Return the logarithm of ``a + 1/2`` above zero and of ``sigmoid(a)`` below."""
    return torch.where(a >= 0, torch.log(torch.relu(a) + 0.5), logsigmoid(a))


class MinGRU(nn.Module):
    """A minGRU layer (``eq-min-gru``): ``(N, T, D)`` in, ``(h (N, T, H), h_T (N, H))`` out.

    ``mode`` is ``"loop"``, ``"doubling"``, ``"tree"``, or ``"log"`` for :func:`scan_log`, which
    goes with a positive candidate only; without ``is_positive`` the candidate is linear.
    """

    blocks = 2  # z, g

    def __init__(self, D: int, H: int, mode: str = "tree", is_positive: bool = False) -> None:
        super().__init__()
        if mode not in (*SCANS, "log"):
            raise ValueError(f"mode must be one of {[*SCANS, 'log']}, got {mode!r}")
        if mode == "log" and not is_positive:
            raise ValueError("mode 'log' needs is_positive=True: logarithms of the candidate")
        self.mode, self.is_positive = mode, is_positive
        self.linear = nn.Linear(D, self.blocks * H)

    def log_gates(self, gates: list[Tensor]) -> tuple[Tensor, Tensor]:
        """Return the logarithms of the factors of ``h_{t-1}`` and of the candidate."""
        return -softplus(gates[0]), -softplus(-gates[0])

    def forward(self, x: Tensor, h0: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Run the layer; ``h0 (N, H)`` is zero unless given."""
        *gates, a_g = self.linear(x).chunk(self.blocks, 2)
        h0 = torch.zeros_like(a_g[:, 0]) if h0 is None else h0
        log_keep, log_write = self.log_gates(gates)
        if self.mode == "log":
            h = scan_log(log_keep, log_write + log_positive(a_g), torch.log(h0))
        else:
            g = log_positive(a_g).exp() if self.is_positive else a_g
            h = SCANS[self.mode](log_keep.exp(), log_write.exp() * g, h0)
        return h, h[:, -1]


class MinLSTM(MinGRU):
    """A minLSTM layer (``eq-min-lstm``); as :class:`MinGRU`, with blocks i, f, g."""

    blocks = 3

    def log_gates(self, gates: list[Tensor]) -> tuple[Tensor, Tensor]:
        """Return the logarithms of ``f / (i + f)`` and of ``i / (i + f)``."""
        difference = softplus(-gates[1]) - softplus(-gates[0])  # log i - log f
        return -softplus(difference), -softplus(-difference)


KINDS: dict[type, type] = {MinGRUWeights: MinGRU, MinLSTMWeights: MinLSTM}
#: The parameters in the order of the weights.
NAMES = ("linear.weight", "linear.bias")
to_torch, from_torch = torch_converters(KINDS, check_min_rnn_weights, NAMES)
