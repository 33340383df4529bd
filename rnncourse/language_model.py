"""A character language model: any recurrent cell plus an output layer, its score on a text, and its samples."""

import math
from typing import Any, NamedTuple, cast

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional as F

from rnncourse.shapes import checked, refuse_outside
from rnncourse.text import Vocabulary


class VariationalDropout(nn.Module):
    """Dropout that leaves out the same entries of ``X`` (T, n, h) at all T steps, a new draw for each sequence.

    Source: Gal and Ghahramani, "A theoretically grounded application of dropout in recurrent neural networks",
    NeurIPS (2016), section 4.
    """

    def __init__(self, p: float) -> None:
        super().__init__()
        self.dropout = nn.Dropout(p)

    def forward(self, X: Tensor) -> Tensor:
        """Return ``X`` with a share ``p`` of its entries left out, the others scaled up; when not training, ``X``."""
        return X * self.dropout(torch.ones_like(X[:1])) if self.training else X


class LanguageModel(nn.Module):
    """A cell that reads one-hot characters, and an output layer: :eq:`rnn-output` at every step.

    Called as ``O, state = model(x, state=None)``. The parameters of the output layer are ``W_hm`` (h, m) and ``b_m``
    (m,), where m is the number of characters.

    Args:
        cell: any module called as ``outputs, state = cell(X, state)``, with the sizes ``cell.d``, which is the number
            of characters, and ``cell.h``.
        dropout: share of the cell's outputs that each update of a training leaves out (Zaremba et al. 2014).
    """

    def __init__(self, cell: nn.Module, dropout: float = 0.0) -> None:
        super().__init__()
        self.cell, self.dropout = cell, nn.Dropout(dropout)
        h, self.m = cast(int, cell.h), cast(int, cell.d)
        self.W_hm = nn.Parameter(torch.empty(h, self.m).uniform_(-(h**-0.5), h**-0.5))
        self.b_m = nn.Parameter(torch.zeros(self.m))

    @checked
    def forward(self, x: Int[Tensor, "T n"], state: Any = None) -> tuple[Float[Tensor, "T n {self.m}"], Any]:
        """Return the logits ``O`` of the next character at each place of ``x``, and the cell's state.

        Softmax of the logits gives the probabilities, :eq:`rnn-softmax`.

        Raises:
            ValueError: if ``x`` holds an index outside ``0 .. m - 1``.
        """
        refuse_outside("x", x, self.m)
        X = F.one_hot(x, self.m).to(self.W_hm.dtype)  # (T, n, m)
        H, state = self.cell(X, state)  # (T, n, h)
        return self.dropout(H) @ self.W_hm + self.b_m, state


class Score(NamedTuple):
    """How well a model predicted a text: ``nats``, the sum of -ln p over ``count`` predicted characters."""

    nats: float
    count: int

    @property
    def perplexity(self) -> float:
        """The geometric mean of 1/p over all predicted characters, :eq:`perplexity`; infinite if beyond a float."""
        try:
            return math.exp(self.nats / self.count)
        except OverflowError:
            return math.inf

    @property
    def bits_per_character(self) -> float:
        """The binary logarithm of the perplexity, :eq:`bits-per-character`."""
        return self.nats / self.count / math.log(2)


@torch.no_grad()
@checked
def log_probabilities(model: nn.Module, x: Int[Tensor, " N"], steps: int = 1000) -> Float[Tensor, " N-1"]:
    """Return ln p of each character of ``x[1:]`` given all those before it in ``x``: the terms of :eq:`chain-rule`.

    The text is read ``steps`` characters at a time with the state carried on, so the memory needed for the states does
    not grow with its length.

    Raises:
        ValueError: if ``x`` has fewer than two characters.
    """
    if len(x) < 2:
        raise ValueError(f"a score needs a text of at least two characters, but it has {len(x)}")
    training = model.training
    model.eval()
    pieces, state = [], None
    try:
        for inputs, following in zip(x[:-1].split(steps), x[1:].split(steps), strict=True):
            O, state = model(inputs[:, None], state)  # (steps, 1, m)
            pieces.append(-F.cross_entropy(O[:, 0], following, reduction="none"))
    finally:
        model.train(training)
    return torch.cat(pieces)


def evaluate(model: nn.Module, x: Tensor, steps: int = 1000) -> Score:
    """Score the predictions of ``x[1:]`` (N-1,), each made from all the characters of ``x`` before it.

    Every character counts the same however the text is cut into pieces of ``steps`` characters.

    Raises:
        ValueError: if ``x`` has fewer than two characters.
    """
    ln_p = log_probabilities(model, x, steps)
    return Score(-ln_p.double().sum().item(), len(ln_p))


@torch.no_grad()
def sample(
    model: nn.Module, vocabulary: Vocabulary, prefix: str, length: int, temperature: float = 1.0, seed: int = 0
) -> str:
    """Return ``prefix`` and ``length`` characters after it, each drawn from :eq:`temperature`.

    The model first reads ``prefix`` to warm up its state; then each character drawn is its next input.

    Raises:
        ValueError: if ``prefix`` is empty or has a character that is not in ``vocabulary``, if ``length`` is negative,
            or if ``temperature`` is not positive.
    """
    if length < 0:
        raise ValueError(f"length should not be negative, but it is {length}")
    if not prefix:
        raise ValueError("sampling needs a prefix of at least one character to warm up on, but it is empty")
    if not temperature > 0:
        raise ValueError(f"temperature should be positive, but it is {temperature}")
    random = torch.Generator().manual_seed(seed)
    x, drawn, state = vocabulary.encode(prefix)[:, None], [], None
    training = model.training
    model.eval()
    try:
        for _ in range(length):
            O, state = model(x, state)
            p = torch.softmax(O[-1, 0] / temperature, dim=-1)  # (m,)
            x = torch.multinomial(p, 1, generator=random)[:, None]  # (1, 1)
            drawn.append(x[0])
    finally:
        model.train(training)
    return prefix + vocabulary.decode(torch.cat(drawn)) if drawn else prefix
