"""The surprise of a model at each character of a text, -log2 p, kept in a small file."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from torch import Tensor

STEPS = 16  # of a bit
FRESH = 200  # characters from one fresh start to the next


class Surprise(NamedTuple):
    """Surprise in bits at each character of a text (N,): ``whole``, after all that stands before it, and ``fresh``.

    ``fresh`` starts anew at every 200th character: a model knows nothing of what stands before that.
    """

    whole: np.ndarray
    fresh: np.ndarray


def read_afresh(read: Callable[[Tensor], np.ndarray], x: Tensor) -> np.ndarray:
    """Return ln p of each character of ``x[1:]``, (N-1,), by a model that starts anew at every 200th character.

    Args:
        read: returns ln p of all but the first character of a text, which is read from a fresh start.
        x: the text (N,).
    """
    return np.concatenate([read(x[begin : begin + FRESH + 1]) for begin in range(0, len(x) - 1, FRESH)])


def save_surprise(path: Path, whole: np.ndarray, fresh: np.ndarray) -> None:
    """Write ln p of each character of a text, twice (N,), to an npz file, as bits rounded to 1/16.

    A character's probability is kept to 2.2 %; over a text the errors average out.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    most = np.iinfo(np.uint16).max
    steps = Surprise(*(np.round(-ln_p / np.log(2) * STEPS).clip(max=most).astype(np.uint16) for ln_p in (whole, fresh)))
    np.savez_compressed(path, **steps._asdict())


def load_surprise(path: Path) -> Surprise:
    """Return what a file of ``save_surprise`` holds.

    Raises:
        OSError: if the file cannot be read.
    """
    with np.load(path) as file:
        return Surprise(*(file[name] / STEPS for name in Surprise._fields))
