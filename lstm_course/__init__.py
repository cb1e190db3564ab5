"""The helper package of the LSTM course: what two or more chapters, solutions or tests need."""

from lstm_course.cell import (
    LSTMWeights,
    init_lstm,
    lstm_parameter_count,
    lstm_step,
    lstm_step_backward,
    sigmoid,
)
from lstm_course.sequence import LSTMGradients, lstm_backward, lstm_forward

__all__ = [
    "LSTMGradients",
    "LSTMWeights",
    "init_lstm",
    "lstm_backward",
    "lstm_forward",
    "lstm_parameter_count",
    "lstm_step",
    "lstm_step_backward",
    "sigmoid",
]
