"""The mLSTM as a PyTorch module, at once or step by step; gradients come from autograd.

The equations are those of :mod:`lstm_course.variants.mlstm`.  The stabiliser carries no
gradient: it cancels.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import logsigmoid

from lstm_course.parity import torch_converters
from lstm_course.variants.mlstm import MLSTMWeights, check_mlstm_weights

States = tuple[Tensor, ...]


class MLSTM(nn.Module):
    """An mLSTM layer with one head: ``(N, T, D)`` in, ``(h (N, T, H), (C, n, m))`` out.

    ``H`` is the size of queries, keys and values.  ``mode`` is ``"parallel"``, the whole sequence
    at once, from an empty memory, without a final state (None); or ``"loop"``.
    """

    def __init__(self, D: int, H: int, mode: str = "parallel", forget_bias: float = 3.0) -> None:
        super().__init__()
        if mode not in ("parallel", "loop"):
            raise ValueError(f"mode must be 'parallel' or 'loop', got {mode!r}")
        self.H, self.mode = H, mode
        self.linear = nn.Linear(D, 4 * H + 2)  # q, k, v, o, then i and f
        nn.init.zeros_(self.linear.bias)
        nn.init.constant_(self.linear.bias[-1:], forget_bias)

    def forward(self, x: Tensor, state: States | None = None) -> tuple[Tensor, States | None]:
        """Run the layer; a state that is handed over asks for the loop."""
        q, k, v, o, gates = self.linear(x).split([self.H] * 4 + [2], -1)
        log_i, log_f = gates[..., 0], logsigmoid(gates[..., 1])  # (N, T)
        parts = q, k / self.H**0.5, v, torch.sigmoid(o), log_i, log_f
        if self.mode == "parallel" and state is None:
            return self.parallel(*parts), None
        if state is None:
            m0 = torch.full_like(log_i[:, 0], -torch.inf)
            state = q.new_zeros(len(q), self.H, self.H), torch.zeros_like(q[:, 0]), m0
        return self.loop(state, *parts)

    @staticmethod
    def parallel(
        q: Tensor, k: Tensor, v: Tensor, o: Tensor, log_i: Tensor, log_f: Tensor
    ) -> Tensor:
        """Compute all steps at once (``eq-mlstm-parallel``)."""
        total = torch.cumsum(log_f, 1)
        log_d = total[:, :, None] - total[:, None] + log_i[:, None]  # (N, T, T)
        future = torch.ones(log_d.shape[1:], dtype=torch.bool, device=q.device).triu(1)
        log_d = log_d.masked_fill(future, -torch.inf)
        m = log_d.amax(2, keepdim=True).detach()
        weights = q @ k.transpose(1, 2) * torch.exp(log_d - m)
        divisor = torch.maximum(weights.sum(2, keepdim=True).abs(), torch.exp(-m))
        return o * (weights / divisor @ v)

    @staticmethod
    def loop(
        state: States, q: Tensor, k: Tensor, v: Tensor, o: Tensor, log_i: Tensor, log_f: Tensor
    ) -> tuple[Tensor, States]:
        """Advance the memory step by step (``eq-mlstm``)."""
        (C, n, m), outputs = state, []
        for t in range(q.shape[1]):
            m_next = torch.maximum(log_f[:, t] + m, log_i[:, t]).detach()
            i = torch.exp(log_i[:, t] - m_next)[:, None]
            f = torch.exp(log_f[:, t] + m - m_next)[:, None]
            C = f[..., None] * C + i[..., None] * k[:, t, :, None] * v[:, t, None]
            n, m = f * n + i * k[:, t], m_next
            overlap = (q[:, t] * n).sum(1, keepdim=True)
            divisor = torch.maximum(overlap.abs(), torch.exp(-m)[:, None])
            outputs.append(o[:, t] * (q[:, t, None] @ C)[:, 0] / divisor)
        return torch.stack(outputs, 1), (C, n, m)


#: The parameters in the order of the weights.
NAMES = ("linear.weight", "linear.bias")
to_torch, from_torch = torch_converters({MLSTMWeights: MLSTM}, check_mlstm_weights, NAMES)
