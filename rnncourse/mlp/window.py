"""The fixed-window neural language model: the network without hidden state, applied to the last few characters."""

import torch
from jaxtyping import Float, Int
from torch import Tensor, nn
from torch.nn import functional as F

from rnncourse.shapes import checked, refuse_empty, refuse_outside


class WindowModel(nn.Module):
    """Language model that sees the last ``window`` characters and nothing else: ``O, state = model(x, state=None)``.

    Each character is looked up in ``C`` (m, e); the vectors of a window, side by side, are the inputs of a network with
    one hidden layer of tanh units, :eq:`window-hidden`, whose output layer is :eq:`mlp-output`. Its parameters are
    ``C``, ``W_xh`` (window * e, h), ``b_h`` (h,), ``W_hm`` (h, m) and ``b_m`` (m,), with m characters.

    Its state is the last ``window - 1`` characters, so a text can be read in pieces. Before the first character stand
    vectors of zeros; in the state, the index ``m`` marks such a place.

    Source: Bengio et al., "A neural probabilistic language model", Journal of Machine Learning Research 3 (2003),
    section 2, without the optional direct connections from inputs to outputs.

    Args:
        m: number of characters in the vocabulary.
        window: number of characters that a prediction depends on; the model is an n-gram model with n = window + 1.
        e: length of a character's vector.
        h: number of hidden units.
        dropout: share of the hidden units that each update of a training leaves out.
    """

    def __init__(self, m: int, window: int, e: int, h: int, dropout: float = 0.0) -> None:
        super().__init__()
        if min(m, window, e, h) < 1:
            raise ValueError(f"all sizes should be at least 1, but m = {m}, window = {window}, e = {e} and h = {h}")
        self.m, self.window, self.e, self.h = m, window, e, h
        self.past, self.dropout = window - 1, nn.Dropout(dropout)
        d = window * e
        self.C = nn.Parameter(torch.randn(m, e))
        self.W_xh = nn.Parameter(torch.empty(d, h).uniform_(-(d**-0.5), d**-0.5))
        self.b_h = nn.Parameter(torch.zeros(h))
        self.W_hm = nn.Parameter(torch.empty(h, m).uniform_(-(h**-0.5), h**-0.5))
        self.b_m = nn.Parameter(torch.zeros(m))

    @checked
    def forward(
        self, x: Int[Tensor, "T n"], state: Int[Tensor, "{self.past} n"] | None = None
    ) -> tuple[Float[Tensor, "T n {self.m}"], Int[Tensor, "{self.past} n"]]:
        """Return the logits ``O`` of the next character at each place of ``x``, and the characters to go on from.

        Raises:
            ValueError: if ``x`` has no step, or an index is outside ``0 .. m - 1`` (in the state, ``0 .. m``).
        """
        T, n = x.shape
        refuse_empty("x", x)
        if state is None:
            state = x.new_full((self.past, n), self.m)
        refuse_outside("x", x, self.m)
        refuse_outside("state", state, self.m + 1)

        x = torch.cat([state, x])  # (window - 1 + T, n)
        vectors = F.embedding(x, F.pad(self.C, (0, 0, 0, 1)))  # (window - 1 + T, n, e); row m is zero
        X = torch.cat([vectors[k : k + T] for k in range(self.window)], dim=-1)  # (T, n, window * e)
        H = torch.tanh(X @ self.W_xh + self.b_h)  # (T, n, h)
        return self.dropout(H) @ self.W_hm + self.b_m, x[T:]

    def parameter_count(self) -> int:
        """Return :eq:`window-count`, which grows by e h with each character of the window."""
        m, e, h = self.m, self.e, self.h
        return m * e + self.window * e * h + h + h * m + m
