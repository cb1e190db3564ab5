"""minGRU and minLSTM as PyTorch modules, with four ways to run the recurrence.

As :mod:`lstm_course.variants.scan`; gradients come from autograd.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn.functional import logsigmoid, pad, softplus


def combine(first: tuple[Tensor, Tensor], second: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor]:
    """Return the affine map "``first``, then ``second``" (``eq-combine``)."""
    return second[0] * first[0], torch.addcmul(second[1], second[0], first[1])


def scan_loop(keep: Tensor, write: Tensor, h0: Tensor) -> Tensor:
    """Return ``h (N, T, H)`` of ``h_t = keep_t * h_{t-1} + write_t``, step by step."""
    h_t, h = h0, []
    for keep_t, write_t in zip(keep.unbind(1), write.unbind(1), strict=True):
        h_t = torch.addcmul(write_t, keep_t, h_t)
        h.append(h_t)
    return torch.stack(h, 1)


def _started(keep: Tensor, write: Tensor, h0: Tensor) -> Tensor:
    return torch.cat([torch.addcmul(write[:, :1], keep[:, :1], h0[:, None]), write[:, 1:]], 1)


def scan_doubling(keep: Tensor, write: Tensor, h0: Tensor) -> Tensor:
    """Return the same in log2(T) rounds, with T log2(T) work (Hillis and Steele, 1986)."""
    write, reach = _started(keep, write, h0), 1
    while reach < keep.shape[1]:
        earlier = keep[:, :-reach], write[:, :-reach]
        kept, written = combine(earlier, (keep[:, reach:], write[:, reach:]))
        keep, write = (
            torch.cat([keep[:, :reach], kept], 1),
            torch.cat([write[:, :reach], written], 1),
        )
        reach *= 2
    return write


def _tree(keep: Tensor, write: Tensor) -> tuple[Tensor, Tensor]:
    T = keep.shape[1]
    if T == 1:
        return keep, write
    odd = keep[:, 1::2], write[:, 1::2]
    half = _tree(*combine((keep[:, : T - 1 : 2], write[:, : T - 1 : 2]), odd))
    rest = (T - 1) // 2
    joined = combine((half[0][:, :rest], half[1][:, :rest]), (keep[:, 2::2], write[:, 2::2]))
    whole = []
    for ends_odd, ends_even, first in zip(half, joined, (keep[:, :1], write[:, :1]), strict=True):
        ends_even = torch.cat([first, ends_even], 1)  # steps 0, 2, 4, ...
        short = ends_even.shape[1] - ends_odd.shape[1]  # 1 where T is odd
        pairs = torch.stack([ends_even, pad(ends_odd, (0, 0, 0, short))], 2)
        whole.append(pairs.flatten(1, 2)[:, :T])
    return whole[0], whole[1]


def scan_tree(keep: Tensor, write: Tensor, h0: Tensor) -> Tensor:
    """Return the same by a tree, with less than 2 T combinations (Blelloch, 1990)."""
    return _tree(keep, _started(keep, write, h0))[1]


def scan_log(log_keep: Tensor, log_write: Tensor, log_h0: Tensor) -> Tensor:
    """Return the same from logarithms of positive numbers, in closed form (``eq-scan-log``)."""
    log_total = torch.cumsum(log_keep, 1)
    terms = torch.cat([log_h0[:, None], log_write - log_total], 1)
    return torch.exp(log_total + torch.logcumsumexp(terms, 1)[:, 1:])


SCANS: dict[str, Callable[[Tensor, Tensor, Tensor], Tensor]] = {
    "loop": scan_loop,
    "doubling": scan_doubling,
    "tree": scan_tree,
}


def log_positive(a: Tensor) -> Tensor:
    """Return the logarithm of ``a + 1/2`` above zero and of ``sigmoid(a)`` below."""
    return torch.where(a >= 0, torch.log(torch.relu(a) + 0.5), logsigmoid(a))


class MinGRU(nn.Module):
    """A minGRU layer (``eq-min-gru``): ``(N, T, D)`` in, ``(h (N, T, H), h_T (N, H))`` out.

    Parameters
    ----------
    D, H : int
        Input features and hidden units.
    mode : str
        ``"loop"``, ``"doubling"``, ``"tree"``, or ``"log"`` for :func:`scan_log`, which goes
        with a positive candidate only.
    is_positive : bool
        Whether the candidate is made positive; else it is linear.
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
