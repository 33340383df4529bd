"""Back-propagation through time by hand."""

from rnncourse.bptt.checkpoints import checkpointed_backward
from rnncourse.bptt.deep_rnn import DeepRNNGradients, deep_rnn_backward, deep_rnn_forward
from rnncourse.bptt.gru import GRUGradients, GRUStates, gru_backward, gru_forward
from rnncourse.bptt.lstm import LSTMGradients, LSTMStates, lstm_backward, lstm_forward
from rnncourse.bptt.memory import PeakBytes
from rnncourse.bptt.rnn import (
    OutputGradients,
    RNNGradients,
    output_backward,
    rnn_backward,
    rnn_forward,
    state_gradients,
    step_jacobian,
)
from rnncourse.bptt.truncation import random_cuts, window_cuts

__all__ = [
    "DeepRNNGradients",
    "GRUGradients",
    "GRUStates",
    "LSTMGradients",
    "LSTMStates",
    "OutputGradients",
    "PeakBytes",
    "RNNGradients",
    "checkpointed_backward",
    "deep_rnn_backward",
    "deep_rnn_forward",
    "gru_backward",
    "gru_forward",
    "lstm_backward",
    "lstm_forward",
    "output_backward",
    "random_cuts",
    "rnn_backward",
    "rnn_forward",
    "state_gradients",
    "step_jacobian",
    "window_cuts",
]
