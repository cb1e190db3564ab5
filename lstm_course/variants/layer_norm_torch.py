"""The layer-norm LSTM of Ba, Kiros and Hinton (2016) in PyTorch (``eq-layer-norm-lstm``)."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from lstm_course.variants.layer_norm import EPSILON, LayerNormLSTMWeights


class LayerNormLSTM(nn.Module):
    """One layer: ``x (N, T, D)`` to ``h (N, T, H)`` and the final states, each (N, H)."""

    def __init__(self, D: int, H: int) -> None:
        super().__init__()
        self.from_x = nn.Linear(D, 4 * H, bias=False)
        self.from_h = nn.Linear(H, 4 * H, bias=False)
        self.b = nn.Parameter(torch.zeros(4 * H))
        self.norm_x = nn.LayerNorm(4 * H, EPSILON, bias=False)
        self.norm_h = nn.LayerNorm(4 * H, EPSILON, bias=False)
        self.norm_c = nn.LayerNorm(H, EPSILON)

    def forward(
        self, x: Tensor, state: tuple[Tensor, Tensor] | None = None
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """Return the hidden state of every step and the final (h, c); zeros to start from."""
        zeros = x.new_zeros(len(x), self.from_h.in_features)
        h, c = (zeros, zeros) if state is None else state
        outputs = []
        for from_x in (self.norm_x(self.from_x(x)) + self.b).unbind(1):  # (N, 4H)
            a_i, a_f, a_g, a_o = (from_x + self.norm_h(self.from_h(h))).chunk(4, dim=-1)
            c = a_f.sigmoid() * c + a_i.sigmoid() * a_g.tanh()
            h = a_o.sigmoid() * self.norm_c(c).tanh()
            outputs.append(h)
        return torch.stack(outputs, dim=1), (h, c)


def to_torch(weights: LayerNormLSTMWeights) -> LayerNormLSTM:
    """Return the layer in PyTorch, with the weights and the dtype of ``weights``."""
    W_x, W_h, b, gain_x, gain_h, gain_c, b_c = map(torch.from_numpy, weights)
    layer = LayerNormLSTM(W_x.shape[0], W_h.shape[0]).to(b.dtype)
    named: dict[str, Any] = {"from_x.weight": W_x.T, "from_h.weight": W_h.T, "b": b}
    named |= {"norm_x.weight": gain_x, "norm_h.weight": gain_h}
    layer.load_state_dict({**named, "norm_c.weight": gain_c, "norm_c.bias": b_c})
    return layer
