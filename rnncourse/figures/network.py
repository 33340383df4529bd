"""Models small enough to travel in a page: one byte for each entry of a matrix, four for each k-gram of a table."""

import base64
import copy
import itertools
import json
from typing import Any

import numpy as np
import torch
from torch import Tensor

from rnncourse.figures.units import name_units, order_units, reorder_units, states_of
from rnncourse.language_model import LanguageModel
from rnncourse.markov.ngram_model import Grams, NgramModel
from rnncourse.text import Vocabulary

LIMIT = 127  # of an entry in one byte
STEPS, SMALLEST = 4000, 1e-7  # the logarithm of a share is kept in so many steps for each nat, down to that of 1e-7
FAR = 997  # steps between two places of a text whose states have nothing to do with each other


def quantize(W: Tensor) -> tuple[Tensor, Tensor]:
    """Return ``W`` (a, b) as integers from -127 to 127, (a, b), and what each column is to be multiplied by, (b,)."""
    scale = W.abs().amax(0).clamp(min=torch.finfo(W.dtype).tiny) / LIMIT
    return (W / scale).round().to(torch.int8), scale


@torch.no_grad()
def rounded(model: LanguageModel) -> LanguageModel:
    """Return a copy of the model with what :func:`quantize` makes of its matrices; vectors stay as they are."""
    model = copy.deepcopy(model)
    for p in model.parameters():
        if p.ndim == 2:
            values, scale = quantize(p)
            p.copy_(values * scale)
    return model


def network_script(name: str, model: LanguageModel, vocabulary: Vocabulary, x: Tensor) -> str:
    """Return the script that brings a model of one layer into a page, as ``models[name]``.

    The units are reordered, and those that follow something are named, by their states on the text ``x`` (N,), which
    has more than 1,000 characters.
    """
    model = rounded(model)
    reorder_units(model, order_units(states_of(model, x).numpy()))
    H = states_of(model, x).numpy()
    cell: Any = model.cell
    parameters = {key.removeprefix("cell."): _encoded(p.detach()) for key, p in model.named_parameters()}
    content = {
        "kind": type(cell).__name__.lower(),
        "phi": getattr(cell, "phi", None),
        "h": cell.h,
        "characters": vocabulary.characters,
        "parameters": parameters,
        "named": [unit._asdict() for unit in name_units(H, vocabulary.decode(x))],
        "largest": [round(float(value), 4) for value in np.quantile(np.abs(H), 0.99, axis=0)],
        "apart": round(float(np.linalg.norm(H[FAR:] - H[:-FAR], axis=1).mean()), 4),
    }
    return _script(name, content)


def table_script(name: str, table: NgramModel, vocabulary: Vocabulary) -> str:
    """Return the script that brings a table into a page, as ``models[name]``: a tree of k-grams, layer by layer.

    Each k-gram has its last character, its share, and how many go on from it. Since a layer is sorted by the contexts,
    those that go on from one k-gram stand together in the next layer, and need no pointer.
    """
    grams = table.grams()
    going_on = [
        np.bincount(after.context, minlength=len(layer.context))
        for layer, after in itertools.pairwise([*grams, Grams(np.array([], int), *grams[-1][1:])])
    ]
    content = {
        "kind": "table",
        "n": len(grams),
        "roots": len(grams[0].context),
        "characters": vocabulary.characters,
        "character": _base64(np.concatenate([layer.character for layer in grams]).astype(np.uint8)),
        "share": _base64(np.concatenate([_steps(layer.share) for layer in grams]).astype(np.uint16)),
        "followers": _base64(np.concatenate(going_on).astype(np.uint8)),
        "steps": STEPS,
    }
    return _script(name, content)


def _steps(share: np.ndarray) -> np.ndarray:
    return (-np.log(np.maximum(share, SMALLEST)) * STEPS).round()


def _encoded(p: Tensor) -> dict[str, str]:
    if p.ndim == 1:
        return {"values": _base64(p.float())}
    values, scale = quantize(p)
    return {"integers": _base64(values), "scale": _base64(scale.float())}


def _base64(values: Any) -> str:
    return base64.b64encode(np.asarray(values).tobytes()).decode()


def _script(name: str, content: dict[str, Any]) -> str:
    return f"(window.models ??= {{}})[{json.dumps(name)}] = {json.dumps(content, ensure_ascii=False)};\n"
