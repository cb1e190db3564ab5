"""The encoder-decoder of `lstm_course.variants.seq2seq` in PyTorch."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from lstm_course import lstm_torch
from lstm_course.parity import check_same_function, torch_dtype
from lstm_course.variants import attention_torch
from lstm_course.variants.attention import score_kind
from lstm_course.variants.attention_torch import Attention
from lstm_course.variants.seq2seq import Seq2SeqWeights, check_seq2seq_weights

States = tuple[Tensor, Tensor]


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


def to_torch(weights: Seq2SeqWeights) -> Seq2Seq:
    """Return a model with the weights and the dtype of ``weights``.

    ``ValueError`` if the shapes do not fit one another.
    """
    check_seq2seq_weights(weights)
    (V_source, D), (H, V) = weights.W_source.shape, weights.W_y.shape
    model = Seq2Seq(V_source, V, D, H, score_kind(weights.attention))
    model = model.to(torch_dtype(weights.b_y))
    model.encoder = lstm_torch.to_torch(weights.encoder)
    model.decoder = lstm_torch.to_torch(weights.decoder)
    if weights.attention is not None:
        model.attention = attention_torch.to_torch(weights.attention)
    embeddings = model.embed_source.weight, model.embed_target.weight
    arrays = weights.W_source, weights.W_target, weights.W_y.T, weights.b_y
    with torch.no_grad():
        for parameter, array in zip((*embeddings, *model.head.parameters()), arrays, strict=True):
            parameter.copy_(torch.from_numpy(array.copy()))
    return model


def from_torch(model: Seq2Seq) -> Seq2SeqWeights:
    """Return the weights of a model; ``ValueError`` if it computes another function."""
    check_same_function("from_torch", model, Seq2Seq, "forward")
    found = model.embed_source.weight, model.embed_target.weight, *model.head.parameters()
    W_source, W_target, W_y, b_y = (p.detach().cpu().numpy().copy() for p in found)
    layers = lstm_torch.from_torch(model.encoder), lstm_torch.from_torch(model.decoder)
    read = None if model.attention is None else attention_torch.from_torch(model.attention)
    return Seq2SeqWeights(W_source, W_target, *layers, W_y.T.copy(), b_y, read)
