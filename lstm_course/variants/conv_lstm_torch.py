"""The ConvLSTM of Shi et al. (2015) in PyTorch, which ships none.

PyTorch keeps the channels first: frames are ``(N, T, D, R, C)`` and kernels
``(4H, D, size, size)``.  Everything else is as in :mod:`lstm_course.variants.conv_lstm`.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import conv2d

from lstm_course.parity import check_same_function
from lstm_course.variants.conv_lstm import ConvLSTMWeights, check_conv_weights

States = tuple[Tensor, Tensor]


class ConvLSTM(nn.Module):
    """One layer: ``(N, T, D, R, C)`` in; ``h (N, T, H, R, C)`` and the final states out.

    D and H are channels of the input and the state; ``size`` is the odd side of the kernels,
    ``size_h`` that of the recurrent one where it is another.  With ``peepholes`` the gates see the
    cell state: one number serves a whole channel, or each position has its own where ``frame``
    gives R and C.  ``ValueError`` if a side is not odd.
    """

    def __init__(
        self,
        D: int,
        H: int,
        size: int = 3,
        size_h: int | None = None,
        *,
        peepholes: bool = False,
        frame: tuple[int, int] | None = None,
    ) -> None:
        super().__init__()
        size_h = size if size_h is None else size_h
        if size % 2 != 1 or size_h % 2 != 1:
            raise ValueError(f"size must be odd, got {size} and {size_h}")
        self.W_x = nn.Parameter(torch.empty(4 * H, D, size, size))
        self.W_h = nn.Parameter(torch.empty(4 * H, H, size_h, size_h))
        self.b = nn.Parameter(torch.zeros(4 * H))
        shape = (3, H, *(frame or (1, 1)))
        self.w_c = nn.Parameter(torch.zeros(shape)) if peepholes else None
        for W in (self.W_x, self.W_h):
            bound = (6.0 / (W[0, 0].numel() * (W.shape[1] + H))) ** 0.5
            nn.init.uniform_(W, -bound, bound)
        nn.init.ones_(self.b.data[H : 2 * H])

    def step(self, from_input: Tensor, h_prev: Tensor, c_prev: Tensor) -> States:
        """Return ``h_t, c_t``, both (N, H, R, C); the input's convolution is given."""
        w_i, w_f, w_o = (0.0, 0.0, 0.0) if self.w_c is None else self.w_c
        a = from_input + conv2d(h_prev, self.W_h, padding="same")
        a_i, a_f, a_g, a_o = a.chunk(4, dim=1)
        i, f = torch.sigmoid(a_i + w_i * c_prev), torch.sigmoid(a_f + w_f * c_prev)
        c_t = f * c_prev + i * torch.tanh(a_g)
        o = torch.sigmoid(a_o + w_o * c_t)
        return o * torch.tanh(c_t), c_t

    def forward(self, x: Tensor, states: States | None = None) -> tuple[Tensor, States]:
        """Return ``h (N, T, H, R, C)`` and ``(h_T, c_T)``; states start at zero if left out."""
        N, T, _, R, C = x.shape
        from_input = conv2d(x.flatten(0, 1), self.W_x, self.b, padding="same")
        from_input = from_input.view(N, T, -1, R, C)  # (N, T, 4H, R, C)
        zeros = x.new_zeros(N, self.W_h.shape[1], R, C)
        h_t, c_t = states or (zeros, zeros)
        h = []
        for t in range(T):
            h_t, c_t = self.step(from_input[:, t], h_t, c_t)
            h.append(h_t)
        return torch.stack(h, dim=1), (h_t, c_t)


def to_torch(weights: ConvLSTMWeights) -> ConvLSTM:
    """Return a layer with these weights, in their dtype; the kernels change their axes.

    ``ValueError`` if the shapes do not fit one another.
    """
    W_x, W_h, b, w_c = weights
    frame = (w_c.shape[1], w_c.shape[2]) if w_c is not None and w_c.ndim == 4 else None
    D, H = check_conv_weights(weights, frame or ())
    layer = ConvLSTM(D, H, len(W_x), len(W_h), peepholes=w_c is not None, frame=frame)
    layer = layer.to(torch.from_numpy(b).dtype)
    state = {
        "W_x": torch.from_numpy(W_x.transpose(3, 2, 0, 1).copy()),
        "W_h": torch.from_numpy(W_h.transpose(3, 2, 0, 1).copy()),
        "b": torch.from_numpy(b.copy()),
    }
    if w_c is not None:  # (3, H) -> (3, H, 1, 1), (3, R, C, H) -> (3, H, R, C)
        full = w_c if w_c.ndim == 4 else w_c[:, None, None]
        state["w_c"] = torch.from_numpy(full.transpose(0, 3, 1, 2).copy())
    layer.load_state_dict(state)
    return layer


def from_torch(layer: ConvLSTM) -> ConvLSTMWeights:
    """Return the weights of a layer; peepholes of one number a channel become (3, H).

    ``ValueError`` if it is another layer.
    """
    check_same_function("from_torch", layer, ConvLSTM, "forward")
    W_x, W_h = (
        W.detach().cpu().numpy().transpose(2, 3, 1, 0).copy() for W in (layer.W_x, layer.W_h)
    )
    w_c = None
    if layer.w_c is not None:
        w_c = layer.w_c.detach().cpu().numpy().transpose(0, 2, 3, 1).copy()  # (3, R, C, H)
        w_c = w_c[:, 0, 0] if w_c.shape[1:3] == (1, 1) else w_c
    return ConvLSTMWeights(W_x, W_h, layer.b.detach().cpu().numpy().copy(), w_c)
