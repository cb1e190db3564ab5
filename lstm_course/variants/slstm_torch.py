"""The sLSTM as a PyTorch module; gradients come from autograd.

The equations are those of :mod:`lstm_course.variants.slstm`.  The stabiliser carries no
gradient: it cancels.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import logsigmoid

from lstm_course.lstm import LSTMWeights, check_lstm_weights
from lstm_course.parity import torch_converters

States = tuple[Tensor, ...]


class SLSTM(nn.Module):
    """An sLSTM layer: ``(N, T, D)`` in, ``(h (N, T, H), (h, c, n, m))`` out, each (N, H).

    With ``exp_forget`` the forget gate is an exponential too; else it is a sigmoid.
    """

    def __init__(self, D: int, H: int, exp_forget: bool = False, forget_bias: float = 1.0) -> None:
        super().__init__()
        self.H, self.exp_forget = H, exp_forget
        self.input, self.hidden = nn.Linear(D, 4 * H), nn.Linear(H, 4 * H, bias=False)
        nn.init.zeros_(self.input.bias)
        nn.init.constant_(self.input.bias[H : 2 * H], forget_bias)

    def step(self, a: Tensor, c: Tensor, n: Tensor, m: Tensor) -> States:
        """Advance the states by one step, from the pre-activations ``a (N, 4H)``."""
        a_i, a_f, a_g, a_o = a.chunk(4, -1)
        log_f = a_f if self.exp_forget else logsigmoid(a_f)
        m_next = torch.maximum(log_f + m, a_i).detach()
        i, f = torch.exp(a_i - m_next), torch.exp(log_f + m - m_next)
        c, n = f * c + i * torch.tanh(a_g), f * n + i
        return torch.sigmoid(a_o) * c / n, c, n, m_next

    def forward(self, x: Tensor, state: States | None = None) -> tuple[Tensor, States]:
        """Run the layer; without a state the memory is empty."""
        if state is None:
            zeros = x.new_zeros(x.shape[0], self.H)
            state = zeros, zeros, zeros, torch.full_like(zeros, -torch.inf)
        a, outputs = self.input(x), []
        for a_t in a.unbind(1):
            state = self.step(a_t + self.hidden(state[0]), *state[1:])
            outputs.append(state[0])
        return torch.stack(outputs, 1), state


#: The parameters in the order of the weights.
NAMES = ("input.weight", "hidden.weight", "input.bias")
to_torch, from_torch = torch_converters({LSTMWeights: SLSTM}, check_lstm_weights, NAMES)
