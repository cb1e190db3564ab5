"""The encoder-decoder of `lstm_course.variants.seq2seq` in PyTorch."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from lstm_course.arrays import Array
from lstm_course.lstm import LSTMWeights
from lstm_course.variants.attention import AdditiveWeights
from lstm_course.variants.seq2seq import Seq2SeqWeights

States = tuple[Tensor, Tensor]


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


class Seq2Seq(nn.Module):
    """Two LSTMs with a state between them, and optional attention.

    ``attention`` is none, additive, general or dot.
    """

    def __init__(self, V_source: int, V: int, D: int, H: int, attention: str = "none") -> None:
        super().__init__()
        self.embed_source, self.embed_target = nn.Embedding(V_source, D), nn.Embedding(V, D)
        self.encoder = nn.LSTM(D, H, batch_first=True)
        self.decoder = nn.LSTM(D, H, batch_first=True)
        self.attention = None if attention == "none" else Attention(H, attention)
        self.head = nn.Linear(H, V)

    def encode(self, source: Tensor, mask: Tensor | None = None) -> tuple[Tensor, States]:
        """Return all encoder states (N, S, H), 0 at padding, and the final ones (1, N, H)."""
        x = self.embed_source(source)
        if mask is None or bool(mask.all()):
            encoded: tuple[Tensor, States] = self.encoder(x)
            return encoded
        lengths = mask.sum(dim=1).long().cpu()
        packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
        keys, states = self.encoder(packed)
        keys, _ = pad_packed_sequence(keys, batch_first=True, total_length=source.shape[1])
        return keys, states

    def decode(
        self, inputs: Tensor, states: States, keys: Tensor, mask: Tensor | None = None
    ) -> tuple[Tensor, States, Tensor | None]:
        """Return scores (N, T, V), the states after the last input, and the attention."""
        read, states = self.decoder(self.embed_target(inputs), states)
        attention = None
        if self.attention is not None:
            mask = torch.ones_like(keys[..., 0]) if mask is None else mask
            read, attention = self.attention(read, keys, mask)
        return self.head(read), states, attention

    def forward(self, source: Tensor, inputs: Tensor, mask: Tensor | None = None) -> Tensor:
        """Return scores (N, T, V) for source (N, S), inputs (N, T) and a mask (N, S)."""
        keys, states = self.encode(source, mask)
        return self.decode(inputs, states, keys, mask)[0]


def _lstm_state(prefix: str, weights: LSTMWeights) -> dict[str, Array]:
    W_x, W_h, b = weights
    names = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
    arrays = (W_x.T, W_h.T, b, np.zeros_like(b))
    return {f"{prefix}.{name}": array for name, array in zip(names, arrays, strict=True)}


def seq2seq_to_torch(weights: Seq2SeqWeights) -> Seq2Seq:
    """Return a model with the weights, and the dtype, of a NumPy one."""
    kind, (H, V) = "none", weights.W_y.shape
    state = {
        "embed_source.weight": weights.W_source,
        "embed_target.weight": weights.W_target,
        **_lstm_state("encoder", weights.encoder),
        **_lstm_state("decoder", weights.decoder),
        "head.weight": weights.W_y.T,
        "head.bias": weights.b_y,
    }
    if weights.attention is not None:
        score, W_c = weights.attention
        kind = "dot" if score is None else "general"
        if isinstance(score, AdditiveWeights):
            kind = "additive"
        state["attention.join.weight"] = W_c.T
        for name, array in zip(("ask", "show", "score"), score or (), strict=False):
            state[f"attention.{name}.weight"] = array.T.reshape(-1, H)
    model = Seq2Seq(len(weights.W_source), V, weights.W_source.shape[1], H, kind)
    tensors = {name: torch.from_numpy(array.copy()) for name, array in state.items()}
    model = model.to(tensors["head.bias"].dtype)
    model.load_state_dict(tensors)
    return model
