"""The layer-norm LSTM of Ba, Kiros and Hinton (2016) in PyTorch (``eq-layer-norm-lstm``)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from lstm_course.parity import torch_converters
from lstm_course.variants.layer_norm import EPSILON, LayerNormLSTMWeights, check_layer_norm_weights


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


#: The parameters in the order of the weights.
NAMES = (
    "from_x.weight",
    "from_h.weight",
    "b",
    "norm_x.weight",
    "norm_h.weight",
    "norm_c.weight",
    "norm_c.bias",
)


KINDS: dict[type, type] = {LayerNormLSTMWeights: LayerNormLSTM}
to_torch, weights_of = torch_converters(KINDS, check_layer_norm_weights, NAMES)


def from_torch(layer: LayerNormLSTM) -> LayerNormLSTMWeights:
    """Return the weights of the layer.

    ``ValueError`` if it is another layer, or one of its normalisations has another epsilon.
    """
    weights: LayerNormLSTMWeights = weights_of(layer)
    found = {norm.eps for norm in (layer.norm_x, layer.norm_h, layer.norm_c)}
    if found != {EPSILON}:
        raise ValueError(f"from_torch takes normalisations with epsilon {EPSILON}, got {found}")
    return weights
