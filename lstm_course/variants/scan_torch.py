"""The scans of :mod:`lstm_course.variants.scan` in PyTorch; gradients come from autograd."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn.functional import pad


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


def prefix_maps(keep: Tensor, write: Tensor) -> tuple[Tensor, Tensor]:
    """Return the maps of all prefixes: join neighbours, scan the half, fill in the rest."""
    T = keep.shape[1]
    if T == 1:
        return keep, write
    odd = keep[:, 1::2], write[:, 1::2]
    half = prefix_maps(*combine((keep[:, : T - 1 : 2], write[:, : T - 1 : 2]), odd))
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
    return prefix_maps(keep, _started(keep, write, h0))[1]


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
