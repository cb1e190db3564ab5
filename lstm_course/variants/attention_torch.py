"""The attention of :mod:`lstm_course.variants.attention` as a PyTorch module."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from lstm_course.arrays import check_shape
from lstm_course.parity import check_same_function, torch_dtype
from lstm_course.variants.attention import (
    AdditiveWeights,
    AttentionWeights,
    GeneralWeights,
    check_attention_weights,
    score_kind,
)


class Attention(nn.Module):
    """Luong's wiring with an additive, general or dot score; no biases."""

    def __init__(self, H: int, kind: str) -> None:
        super().__init__()
        if kind not in ("additive", "general", "dot"):
            raise ValueError(f"kind must be additive, general or dot, got {kind!r}")
        self.kind = kind
        if kind != "dot":
            self.ask = nn.Linear(H, H, bias=False)
        if kind == "additive":
            self.show, self.score = nn.Linear(H, H, bias=False), nn.Linear(H, 1, bias=False)
        self.join = nn.Linear(2 * H, H, bias=False)

    def forward(self, query: Tensor, keys: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Return h_tilde (N, T, H) and the attention (N, T, S); mask (N, S) holds 1 and 0."""
        asked = query if self.kind == "dot" else self.ask(query)  # (N, T, H)
        if self.kind == "additive":
            hidden = torch.tanh(asked[:, :, None] + self.show(keys)[:, None])  # (N, T, S, H)
            scores = self.score(hidden)[..., 0]  # (N, T, S)
        else:
            scores = asked @ keys.transpose(1, 2)  # (N, T, S)
        scores = scores.masked_fill(mask[:, None] == 0, -torch.inf)
        attention = torch.softmax(scores, dim=2)
        h_tilde = torch.tanh(self.join(torch.cat([query, attention @ keys], dim=2)))
        return h_tilde, attention


#: The parameters of each kind, in the order of the weights.
NAMES = {
    "additive": ("ask.weight", "show.weight", "score.weight", "join.weight"),
    "general": ("ask.weight", "join.weight"),
    "dot": ("join.weight",),
}


def to_torch(weights: AttentionWeights) -> Attention:
    """Return a layer with the weights and the dtype of ``weights``.

    ``ValueError`` if the shapes do not fit one another, or a score has other than H units.
    """
    (score, W_c), H = weights, weights.W_c.shape[1]
    check_attention_weights(weights, H)
    arrays = [*(score or ()), W_c]
    if isinstance(score, AdditiveWeights):
        check_shape("w_e", score.w_e, (H,), "(H,)")
        arrays[2] = score.w_e[:, None]
    kind = score_kind(weights)
    layer = Attention(H, kind).to(torch_dtype(W_c))
    tensors = (torch.from_numpy(array.T.copy()) for array in arrays)
    layer.load_state_dict(dict(zip(NAMES[kind], tensors, strict=True)))
    return layer


def from_torch(layer: Attention) -> AttentionWeights:
    """Return the weights of a layer; ``ValueError`` if it is of another kind."""
    check_same_function("from_torch", layer, Attention, "forward")
    state = layer.state_dict()
    *arrays, W_c = (state[name].cpu().numpy().T.copy() for name in NAMES[layer.kind])
    if len(arrays) == 3:
        return AttentionWeights(AdditiveWeights(arrays[0], arrays[1], arrays[2][:, 0]), W_c)
    return AttentionWeights(GeneralWeights(*arrays) if arrays else None, W_c)
