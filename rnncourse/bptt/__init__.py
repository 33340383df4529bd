"""Back-propagation through time by hand: forward and backward passes of all the course's layers.

Nothing here uses automatic differentiation. Each line is a formula of the chapter. ``H`` holds the states of all steps
with :math:`H_0` in front, (T + 1, n, h), so that ``H[t]`` is the :math:`H_t` of the formulas; what belongs to a step
alone, such as ``X`` and the gates, starts with step 1 at index 0. ``dM`` is the gradient of the loss
with respect to ``M``, and has its shape.

These passes are what the chapter derives and shows. The layers run faster ones, :mod:`rnncourse.fast`; a test holds the
two equal.
"""

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
from rnncourse.bptt.truncation import random_cuts, sliding_reach, window_cuts

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
    "sliding_reach",
    "state_gradients",
    "step_jacobian",
    "window_cuts",
]
