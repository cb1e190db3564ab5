"""Dropout on the recurrent path of an LSTM, in PyTorch, which has none of it built in."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.func import functional_call

from lstm_course.lstm import LSTMWeights, check_lstm_weights
from lstm_course.parity import check_same_function


class VariationalLSTM(nn.Module):
    """One layer whose gates read ``mask * h_prev``, with one mask for all steps.

    After Gal and Ghahramani (2016), with the mask of all gates in common.  ``forward`` takes
    ``x (N, T, D)``, and ``mask (N, H)`` where you want to give one.
    """

    def __init__(self, D: int, H: int, p: float) -> None:
        super().__init__()
        self.cell, self.p = nn.LSTMCell(D, H), p

    def forward(
        self, x: Tensor, state: tuple[Tensor, Tensor] | None = None, mask: Tensor | None = None
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """Return ``h (N, T, H)`` and the final (h, c); without dropout in ``eval`` mode."""
        zeros = x.new_zeros(len(x), self.cell.hidden_size)
        h, c = (zeros, zeros) if state is None else state
        if mask is None:
            mask = F.dropout(torch.ones_like(zeros), self.p, self.training)
        outputs = []
        for x_t in x.unbind(1):  # (N, D)
            h, c = self.cell(x_t, (mask * h, c))
            outputs.append(h)
        return torch.stack(outputs, dim=1), (h, c)


class WeightDropLSTM(nn.Module):
    """``nn.LSTM`` with dropout on the entries of W_h, one draw for each forward pass.

    After Merity et al. (2018).  ``mask (4H, H)`` may be given.
    """

    def __init__(self, D: int, H: int, p: float) -> None:
        super().__init__()
        self.lstm, self.p = nn.LSTM(D, H, batch_first=True), p

    def forward(
        self, x: Tensor, state: tuple[Tensor, Tensor] | None = None, mask: Tensor | None = None
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """Return ``h (N, T, H)`` and the final (h, c), each (1, N, H) as in ``nn.LSTM``."""
        W_h: Tensor = self.lstm.get_parameter("weight_hh_l0")
        if mask is None:
            mask = F.dropout(torch.ones_like(W_h), self.p, self.training)
        result: tuple[Tensor, tuple[Tensor, Tensor]]
        result = functional_call(self.lstm, {"weight_hh_l0": mask * W_h}, (x, state))
        return result


def to_torch(weights: LSTMWeights, p: float) -> VariationalLSTM:
    """Return a layer with these weights, in their dtype, that drops with probability ``p``.

    The whole bias goes into ``bias_ih``.  ``ValueError`` if the shapes do not fit one another.
    """
    layer = VariationalLSTM(*check_lstm_weights(weights), p)
    W_x, W_h, b = (torch.from_numpy(array.copy()) for array in weights)
    named = {"weight_ih": W_x.T, "weight_hh": W_h.T, "bias_ih": b, "bias_hh": 0.0 * b}
    layer.to(b.dtype).cell.load_state_dict(named)
    return layer


def from_torch(layer: VariationalLSTM) -> LSTMWeights:
    """Return the weights of the layer; its two biases are summed.

    ``ValueError`` if it is another layer.
    """
    check_same_function("from_torch", layer, VariationalLSTM, "forward")
    found = {name: p.detach().cpu().numpy() for name, p in layer.cell.named_parameters()}
    W_x, W_h = found["weight_ih"].T.copy(), found["weight_hh"].T.copy()
    return LSTMWeights(W_x, W_h, found["bias_ih"] + found["bias_hh"])
