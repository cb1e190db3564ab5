"""The helper package of the LSTM course: what two or more chapters, solutions or tests need."""

from lstm_course import triton_guard as triton_guard  # before any optimizer of PyTorch
from lstm_course.arrays import Gradients, sigmoid
from lstm_course.lstm import (
    LSTMState,
    LSTMWeights,
    init_lstm,
    lstm_backward,
    lstm_forward,
    lstm_parameter_count,
    lstm_step,
    lstm_step_backward,
    lstm_zero_state,
)

__all__ = [
    "Gradients",
    "LSTMState",
    "LSTMWeights",
    "init_lstm",
    "lstm_backward",
    "lstm_forward",
    "lstm_parameter_count",
    "lstm_step",
    "lstm_step_backward",
    "lstm_zero_state",
    "sigmoid",
]
