"""The mixture of a network and a table: a weighted mean of their probabilities."""

import numpy as np

SHARES = [i / 20 for i in range(21)]


def mix(network: np.ndarray, table: np.ndarray, share: float) -> np.ndarray:
    """Return ln of ``share`` times the network's probability and ``1 - share`` times the table's; (N,).

    Args:
        network: ln p of each character of a text (N,), as :func:`rnncourse.language_model.log_probabilities` gives it.
        table: the same, by :meth:`rnncourse.markov.ngram_model.NgramModel.log_probabilities`.
        share: between 0, which is the table alone, and 1, the network alone.
    """
    with np.errstate(divide="ignore"):  # a share of 0
        return np.logaddexp(network + np.log(share), table + np.log(1 - share))


def best_share(network: np.ndarray, table: np.ndarray) -> float:
    """Return the share, in steps of 0.05, with which :func:`mix` predicts the text best; (N,) and (N,)."""
    return round(float(max(SHARES, key=lambda share: mix(network, table, share).mean())), 2)
