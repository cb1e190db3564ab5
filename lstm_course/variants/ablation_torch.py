"""The ablations of :mod:`lstm_course.variants.ablation` in PyTorch, which ships none of them."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from lstm_course.parity import check_same_function
from lstm_course.variants.ablation import (
    AblationWeights,
    check_ablation_weights,
    init_ablation,
    switches_of,
    weight_shapes,
)


class AblationLSTM(nn.Module):
    """One layer of a variant; its parameters have the names and shapes of the NumPy cell.

    ``variant`` is a key of :data:`lstm_course.variants.ablation.VARIANTS`.  ``seeds`` are those of
    the starting weights.  More than one gives a stack of independent layers that run side by side:
    every parameter, the states and the output get a leading axis M.

    Called with ``x (N, T, D)``, or ``(M, N, T, D)`` for a stack, and optionally a state, it
    returns ``h (N, T, H)``, or ``(M, N, T, H)``, and the final state ``(h, c)``, in FGR
    ``(h, c, u)``.
    """

    W_x: Tensor
    W_h: Tensor
    b: Tensor
    w_c: Tensor
    W_u: Tensor

    def __init__(self, D: int, H: int, variant: str = "V", seeds: tuple[int, ...] = (0,)) -> None:
        super().__init__()
        self.H, self.variant, self.switches = H, variant, switches_of(variant)
        drawn = [init_ablation(np.random.default_rng(seed), D, H, variant) for seed in seeds]
        for name, *arrays in zip(AblationWeights._fields, *drawn, strict=True):
            if arrays[0].size:
                stack = np.stack(arrays) if len(seeds) > 1 else arrays[0]
                parameter = nn.Parameter(torch.tensor(stack, dtype=torch.get_default_dtype()))
                self.register_parameter(name, parameter)

    def forward(
        self, x: Tensor, state: tuple[Tensor, ...] | None = None
    ) -> tuple[Tensor, tuple[Tensor, ...]]:
        """Return the hidden state of every step, and the final state."""
        v, H = self.switches, self.H
        N, T = x.shape[-3], x.shape[-2]
        steps = x.transpose(-3, -2).flatten(-3, -2) @ self.W_x + self.b.unsqueeze(-2)
        from_input = steps.reshape(*steps.shape[:-2], T, N, -1).unbind(-3)  # T of (..., N, BH)
        if state is None:
            zero = x.new_zeros((*self.W_h.shape[:-2], N, H))
            gates = (x.new_zeros((*zero.shape[:-1], 3 * H)),) if v.gate_recurrence else ()
            state = (zero, zero, *gates)
        rows = self.w_c.unsqueeze(-2).unbind(-3) if v.peepholes else ()
        w = dict(zip(v.gates, rows, strict=False))
        outputs = []
        for t in range(T):
            state = self.step(from_input[t], state, w)
            outputs.append(state[0])
        return torch.stack(outputs, -2), state

    def step(
        self, from_input: Tensor, state: tuple[Tensor, ...], w: dict[str, Tensor]
    ) -> tuple[Tensor, ...]:
        """Return the next state; the input's part of all steps is given, and the peepholes."""
        v, (h, c, *u) = self.switches, state
        a = split(from_input + h @ self.W_h, v.blocks)
        if v.gate_recurrence:
            a |= {gate: a[gate] + part for gate, part in split(u[0] @ self.W_u, v.gates).items()}
        i = torch.sigmoid(see(a["i"], c, w.get("i"))) if "i" in a else c.new_ones(())
        if v.coupled:
            f = 1.0 - i
        else:
            f = torch.sigmoid(see(a["f"], c, w.get("f"))) if "f" in a else c.new_ones(())
        c = torch.addcmul(f * c, i, torch.tanh(a["g"]) if v.candidate_tanh else a["g"])
        o = torch.sigmoid(see(a["o"], c, w.get("o"))) if "o" in a else c.new_ones(())
        h = o * (torch.tanh(c) if v.output_tanh else c)
        return (h, c, torch.cat([i, f, o], -1)) if v.gate_recurrence else (h, c)


def split(a: Tensor, names: str) -> dict[str, Tensor]:
    """Return equal parts of the last axis by name."""
    return dict(zip(names, a.chunk(len(names), -1), strict=True))


def see(a: Tensor, c: Tensor, w: Tensor | None) -> Tensor:
    """Add a peephole, ``c * w``, to the pre-activation of a gate, where there is one."""
    return a if w is None else torch.addcmul(a, c, w)


def to_torch(weights: AblationWeights, variant: str = "V") -> AblationLSTM:
    """Return a layer of ``variant`` that computes the same function, in the dtype of the weights.

    ``ValueError`` if the weights do not fit the variant.
    """
    layer = AblationLSTM(*check_ablation_weights(weights, variant), variant)
    for name, array in weights._asdict().items():
        if array.size:
            getattr(layer, name).data = torch.from_numpy(array.copy())
    return layer


def from_torch(layer: AblationLSTM) -> AblationWeights:
    """Return the weights of a single layer; those that the variant lacks are empty.

    ``ValueError`` if it is another layer, or a stack of several.
    """
    check_same_function("from_torch", layer, AblationLSTM, "forward")
    if layer.W_x.dim() != 2:
        raise ValueError(f"from_torch takes a single layer, got a stack of {len(layer.W_x)}")
    shapes = weight_shapes(len(layer.W_x), layer.H, layer.variant)
    found = {name: p.detach().cpu().numpy().copy() for name, p in layer.named_parameters()}
    missing = (
        (name, np.zeros(shape, found["b"].dtype)) for name, shape in shapes._asdict().items()
    )
    return AblationWeights(**{**dict(missing), **found})
