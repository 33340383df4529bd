"""Gated recurrent layers, which learn what to keep: the LSTM and the GRU, each a page of its own."""

from rnncourse.gated.gru import GRU, GRUGates, gru_step
from rnncourse.gated.lstm import LSTM, LSTMGates, lstm_step

__all__ = ["GRU", "LSTM", "GRUGates", "LSTMGates", "gru_step", "lstm_step"]
