"""Markov models of a text: n-grams and how they are smoothed; and a state that forgets nothing."""

from rnncourse.markov.exact_state import recall, remember
from rnncourse.markov.ngram_model import NgramModel
from rnncourse.markov.smoothing import SMOOTHINGS, discounts

__all__ = ["SMOOTHINGS", "NgramModel", "discounts", "recall", "remember"]
