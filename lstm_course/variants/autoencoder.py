"""An LSTM autoencoder: a sequence is read, kept as H numbers, and written again.

The encoder's final hidden state ``h_T (N, H)`` is the code.  Two decoders write from it:

* **repeat-vector**: the code is the input of every step of the decoder;
* **autoregressive**: the code is the decoder's initial hidden state, and the input of a step
  is the step before of the sequence, the true one (forced) or the one just written (free).

After Srivastava, Mansimov and Salakhutdinov (2015) and Sutskever, Vinyals and Le (2014); the
chapter "Squeeze a sequence through a bottleneck" (``eq-autoencoder``, ``eq-repeat-decoder``,
``eq-autoregressive-decoder``).
Shapes: N batch, T time steps, D features, H hidden units of encoder and decoder.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from lstm_course.arrays import Array, check_shape, glorot
from lstm_course.lstm import (
    LSTMCache,
    LSTMState,
    LSTMStepCache,
    LSTMWeights,
    check_lstm_weights,
    init_lstm,
    lstm_backward,
    lstm_forward,
    lstm_step,
    lstm_step_backward,
    lstm_zero_state,
)
from lstm_course.variants.steps import added, zeros_like


class AutoencoderWeights(NamedTuple):
    """Encoder (D in), decoder (H or D in) and the head ``W_y (H, D)``, ``b_y (D,)``.

    The decoder's ``W_x`` is (H, 4H) for repeat-vector and (D, 4H) for autoregressive.
    """

    encoder: LSTMWeights
    decoder: LSTMWeights
    W_y: Array
    b_y: Array


class AutoencoderGradients(NamedTuple):
    """The gradients, each of the shape of what it is the gradient of."""

    dx: Array  # (N, T, D), by way of the encoder and, where forced, of the decoder's input
    d_weights: AutoencoderWeights


class RepeatCache(NamedTuple):
    """What :func:`repeat_backward` needs."""

    encoder: LSTMCache
    decoder: LSTMCache
    h: Array  # (N, T, H), of the decoder
    W_y: Array


class AutoregressiveCache(NamedTuple):
    """What :func:`autoregressive_backward` needs."""

    encoder: LSTMCache
    decoder: tuple[LSTMStepCache, ...]  # one for each step
    h: Array  # (N, T, H), of the decoder
    weights: AutoencoderWeights
    forced: bool


def init_autoencoder(
    rng: np.random.Generator, D: int, H: int, *, repeat: bool
) -> AutoencoderWeights:
    """Draw weights for either decoder; both layers by :func:`lstm_course.lstm.init_lstm`."""
    encoder, decoder = init_lstm(rng, D, H), init_lstm(rng, H if repeat else D, H)
    return AutoencoderWeights(encoder, decoder, glorot(rng, H, D), np.zeros(D))


def encode(x: Array, weights: LSTMWeights) -> tuple[Array, LSTMCache]:
    """Return the code ``h_T (N, H)`` of ``x (N, T, D)`` and the encoder's cache."""
    _, state, cache = lstm_forward(x, weights)
    return state.h, cache


def repeat_forward(x: Array, weights: AutoencoderWeights) -> tuple[Array, Array, RepeatCache]:
    """Encode ``x (N, T, D)``, repeat the code at every step, decode (``eq-repeat-decoder``).

    The decoder's ``W_x`` is (H, 4H).  Returns ``x_hat (N, T, D)``, ``code (N, H)`` and the cache;
    ``ValueError`` with the expected and the given shape where one does not fit.
    """
    _check(weights, repeat=True)
    code, encoder = encode(x, weights.encoder)
    repeated = np.repeat(code[:, None], x.shape[1], axis=1)  # (N, T, H)
    h, _, decoder = lstm_forward(repeated, weights.decoder)
    return h @ weights.W_y + weights.b_y, code, RepeatCache(encoder, decoder, h, weights.W_y)


def repeat_backward(dx_hat: Array, cache: RepeatCache) -> AutoencoderGradients:
    """Carry the gradient ``dx_hat (N, T, D)`` of the reconstruction back to all weights."""
    encoder, decoder, h, W_y = cache
    check_shape("dx_hat", dx_hat, (*h.shape[:2], W_y.shape[1]), "(N, T, D)")
    back = lstm_backward(dx_hat @ W_y.T, decoder)
    dcode = back.dx.sum(axis=1)  # the code was the input of every step
    front = lstm_backward(np.zeros_like(h), encoder, LSTMState(dcode, np.zeros_like(dcode)))
    dW_y, db_y = np.einsum("nth,ntd->hd", h, dx_hat), dx_hat.sum(axis=(0, 1))
    d_weights = AutoencoderWeights(front.d_weights, back.d_weights, dW_y, db_y)
    return AutoencoderGradients(front.dx, d_weights)


def autoregressive_forward(
    x: Array, weights: AutoencoderWeights, *, forced: bool, reverse: bool = False
) -> tuple[Array, Array, AutoregressiveCache]:
    """Encode, then decode step by step from what stands before (``eq-autoregressive-decoder``).

    The decoder's ``W_x`` is (D, 4H).  ``forced`` says whether a step of it reads the true step
    before it (teacher forcing) or what the decoder itself wrote there; the first step reads zeros.
    With ``reverse`` the last step is written first; ``x_hat`` comes back in the order of ``x`` all
    the same.  Results and errors as of :func:`repeat_forward`.
    """
    _check(weights, repeat=False)
    code, encoder = encode(x, weights.encoder)
    target = x[:, ::-1] if reverse else x
    state = LSTMState(code, np.zeros_like(code))
    y_prev = np.zeros_like(x[:, 0])  # (N, D)
    caches, h, y_hat = [], np.empty((*x.shape[:2], code.shape[1]), code.dtype), np.empty_like(x)
    for t in range(x.shape[1]):
        state, cache = lstm_step(y_prev, state, weights.decoder)
        h[:, t], y_hat[:, t] = state.h, state.h @ weights.W_y + weights.b_y
        y_prev = target[:, t] if forced else y_hat[:, t]
        caches.append(cache)
    x_hat = y_hat[:, ::-1].copy() if reverse else y_hat
    return x_hat, code, AutoregressiveCache(encoder, tuple(caches), h, weights, forced)


def autoregressive_backward(
    dx_hat: Array, cache: AutoregressiveCache, *, reverse: bool = False
) -> AutoencoderGradients:
    """Carry ``dx_hat (N, T, D)`` back; ``reverse`` as in the forward pass.

    In a free decoder the gradient also runs through what was fed back.
    """
    encoder, caches, h, weights, forced = cache
    (N, T, H), W_y = h.shape, weights.W_y
    check_shape("dx_hat", dx_hat, (N, T, W_y.shape[1]), "(N, T, D)")
    dy = (dx_hat[:, ::-1] if reverse else dx_hat).copy()  # in the decoder's order
    dtarget, total = np.zeros_like(dy), zeros_like(weights.decoder)
    d_state = lstm_zero_state(N, H, h.dtype)
    for t in reversed(range(T)):
        reaching = d_state._replace(h=dy[:, t] @ W_y.T + d_state.h)
        dy_prev, d_state, d_weights = lstm_step_backward(reaching, caches[t])
        total = added(total, d_weights)
        if t > 0:
            (dtarget if forced else dy)[:, t - 1] += dy_prev
    d_code = d_state._replace(c=np.zeros_like(d_state.c))
    front = lstm_backward(np.zeros_like(h), encoder, d_code)
    dx = front.dx + (dtarget[:, ::-1] if reverse else dtarget)
    dW_y, db_y = np.einsum("nth,ntd->hd", h, dy), dy.sum(axis=(0, 1))
    return AutoencoderGradients(dx, AutoencoderWeights(front.d_weights, total, dW_y, db_y))


def _check(weights: AutoencoderWeights, *, repeat: bool) -> None:
    """Raise ``ValueError`` where the four parts do not fit one another."""
    D, H = check_lstm_weights(weights.encoder)
    fed = H if repeat else D
    check_lstm_weights(weights.decoder)
    letters = "(H, 4H)" if repeat else "(D, 4H)"
    check_shape("W_x of the decoder", weights.decoder.W_x, (fed, 4 * H), letters)
    check_shape("W_y", weights.W_y, (H, D), "(H, D)")
    check_shape("b_y", weights.b_y, (D,), "(D,)")
