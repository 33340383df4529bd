"""What the units of a hidden state follow: how each is correlated with what a reader of the text would know."""

import re
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional as F

from rnncourse.language_model import LanguageModel
from rnncourse.shapes import checked

QUOTATION = re.compile(r"“[^”]*”|\"[^\"]*\"")


class Named(NamedTuple):
    """A unit, the feature of the text that it follows most closely, and its correlation with it."""

    unit: int
    feature: str
    correlation: float


def features_of(text: str) -> dict[str, np.ndarray]:
    """Return what a reader knows after each of the N characters of ``text``, as numbers (N,), by its name.

    A feature that is the same everywhere is left out.
    """
    letters = np.array([character.isalpha() for character in text])
    capitals = np.array([character.isupper() for character in text])
    since_start = _since(~letters)  # of a word
    features = {
        "inside a word": letters,
        "the first letter of a word": since_start == 1,
        "the character after a word": ~letters & np.append(False, letters[:-1]),
        "the length of the word so far": np.minimum(since_start, 12),
        "a word with a capital letter": letters & (_since(capitals) < np.maximum(since_start, 1)),
        "capital letters": capitals,
        "vowels": _is_in("aeiouAEIOU", text),
        "digits": _is_in("0123456789", text),
        "commas": _is_in(",", text),
        "the place in the sentence": np.log1p(_since(_is_in(".?!\n", text))),
        "the place in the paragraph": np.log1p(_since(_is_in("\n", text))),
    }
    for quotation in QUOTATION.finditer(text):
        features.setdefault("inside a quotation", np.zeros(len(text)))[quotation.start() : quotation.end() - 1] = 1
    return {name: feature.astype(float) for name, feature in features.items() if feature.min() < feature.max()}


def _is_in(characters: str, text: str) -> np.ndarray:
    return np.array([character in characters for character in text])


def _since(ends: np.ndarray) -> np.ndarray:
    """Return at each place how many characters ago ``ends`` (N,) was last true, or the text began; (N,)."""
    places = np.arange(len(ends))
    return places - np.maximum.accumulate(np.where(ends, places, -1))


@torch.no_grad()
@checked
def states_of(model: LanguageModel, x: Int[Tensor, " N"]) -> Float[Tensor, "N h"]:
    """Return the states of the model's cell after each character of ``x``, from a state of zero."""
    H, _ = model.cell(F.one_hot(x, model.m).to(model.W_hm.dtype)[:, None])
    return H[:, 0]


def correlations(H: np.ndarray, feature: np.ndarray) -> np.ndarray:
    """Return the correlation of each unit of the states ``H`` (N, h) with ``feature`` (N,); 0 for a constant; (h,)."""
    return _standardized(H).T @ _standardized(feature) / len(feature)


def _standardized(values: np.ndarray) -> np.ndarray:
    deviation = values - values.mean(0)
    spread = deviation.std(0)
    return deviation / np.where(spread > 0, spread, 1)


def name_units(H: np.ndarray, text: str, least: float = 0.4) -> list[Named]:
    """Return for each feature of ``text`` the unit that follows it most closely, the closest first; no unit twice.

    Args:
        H: the states (N, h) after each of the N characters of ``text``.
        text: what was read.
        least: a unit is named only if the correlation is at least so strong, in either direction.
    """
    closest = []
    for feature, values in features_of(text).items():
        r = correlations(H, values)
        unit = int(np.abs(r).argmax())
        closest.append(Named(unit, feature, round(float(r[unit]), 2)))
    named: dict[int, Named] = {}
    for candidate in sorted(closest, key=lambda named: -abs(named.correlation)):
        if abs(candidate.correlation) >= least:
            named.setdefault(candidate.unit, candidate)
    return list(named.values())


def order_units(H: np.ndarray) -> np.ndarray:
    """Return the h units of the states ``H`` (N, h) in an order in which each is much like the one before it; (h,).

    The order begins with the two that are most alike; then comes whichever of the others is most like the last one. How
    much two units are alike is the absolute value of their correlation.
    """
    units = _standardized(H)
    likeness = np.abs(units.T @ units)
    np.fill_diagonal(likeness, -1)
    order = [int(likeness.max(0).argmax())]
    while len(order) < len(likeness):
        likeness[:, order[-1]] = -1  # it has its place
        order.append(int(likeness[order[-1]].argmax()))
    return np.array(order)


def reorder_units(model: LanguageModel, order: np.ndarray) -> LanguageModel:
    """Give ``model``, of one layer, its hidden units in another order, and return it; it still computes the same."""
    cell: nn.Module = model.cell
    place = torch.as_tensor(order)
    h = len(place)
    with torch.no_grad():
        for p in cell.parameters():
            blocks = p.view(*p.shape[:-1], -1, h)[..., place]  # one for each gate
            p.copy_(blocks.flatten(-2))
        recurrent = cell.get_parameter("W_hh")
        recurrent.copy_(recurrent[place])
        model.W_hm.copy_(model.W_hm[place])
    return model
