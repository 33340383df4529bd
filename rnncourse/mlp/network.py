"""The network without hidden state, in NumPy: forward, the loss, backward by hand, and the check of its gradients."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Float64, Int

from rnncourse.shapes import checked


class Parameters(NamedTuple):
    """The parameters of the network, in the order in which it uses them; also what holds their gradients.

    The shapes are ``W_xh`` (d, h), ``b_h`` (h,), ``W_hm`` (h, m) and ``b_m`` (m,).
    """

    W_xh: np.ndarray
    b_h: np.ndarray
    W_hm: np.ndarray
    b_m: np.ndarray


def draw_parameters(d: int, h: int, m: int, seed: int = 0) -> Parameters:
    """Draw weights uniformly from :math:`\\pm 1/\\sqrt{d}` and :math:`\\pm 1/\\sqrt{h}`; biases are 0.

    Raises:
        ValueError: if a size is smaller than 1.
    """
    if min(d, h, m) < 1:
        raise ValueError(f"all sizes should be at least 1, but d = {d}, h = {h} and m = {m}")
    random = np.random.default_rng(seed)
    W_xh = random.uniform(-(d**-0.5), d**-0.5, (d, h))
    W_hm = random.uniform(-(h**-0.5), h**-0.5, (h, m))
    return Parameters(W_xh, np.zeros(h), W_hm, np.zeros(m))


@checked
def forward(
    X: Float[np.ndarray, "n d"],
    W_xh: Float[np.ndarray, "d h"],
    b_h: Float[np.ndarray, " h"],
    W_hm: Float[np.ndarray, "h m"],
    b_m: Float[np.ndarray, " m"],
) -> tuple[Float[np.ndarray, "n h"], Float[np.ndarray, "n m"]]:
    """Return the hidden layer ``H``, :eq:`mlp-hidden` with tanh, and the output ``O``, :eq:`mlp-output`.

    Raises:
        ValueError: if ``X`` holds a NaN.
    """
    if np.isnan(X).any():
        i, j = np.argwhere(np.isnan(X))[0]
        raise ValueError(f"X should hold numbers only, but X[{i}, {j}] is NaN")
    H = np.tanh(X @ W_xh + b_h)
    O = H @ W_hm + b_m
    return H, O


@checked
def softmax(O: Float[np.ndarray, "n m"]) -> Float[np.ndarray, "n m"]:
    """Return the probabilities :eq:`softmax` of each row, computed by :eq:`softmax-shift` so that nothing overflows.

    Source: Blanchard, Higham and Higham, "Accurately computing the log-sum-exp and softmax functions", IMA Journal of
    Numerical Analysis 41 (2021), section 1.
    """
    E = np.exp(O - O.max(axis=1, keepdims=True))
    return E / E.sum(axis=1, keepdims=True)


@checked
def cross_entropy(O: Float[np.ndarray, "n m"], y: Int[np.ndarray, " n"]) -> float:
    """Return :eq:`cross-entropy`, the mean of -ln p of the right classes ``y``, with :eq:`log-sum-exp` of the logits.

    Raises:
        ValueError: if there is no row, or ``y`` holds a class outside ``0 .. m - 1``.
    """
    _refuse_wrong_classes(O, y)
    top = O.max(axis=1)
    log_sum_exp = top + np.log(np.exp(O - top[:, None]).sum(axis=1))
    return float((log_sum_exp - O[np.arange(len(y)), y]).mean())


@checked
def backward(
    X: Float[np.ndarray, "n d"],
    H: Float[np.ndarray, "n h"],
    O: Float[np.ndarray, "n m"],
    y: Int[np.ndarray, " n"],
    W_hm: Float[np.ndarray, "h m"],
) -> Parameters:
    """Return the gradient of :eq:`cross-entropy` for each parameter, given what ``forward`` computed from ``X``.

    The lines are :eq:`softmax-gradient`, :eq:`mlp-backward-output`, :eq:`mlp-backward-hidden`, :eq:`mlp-backward-tanh`
    and :eq:`mlp-backward-input`. Source: Rumelhart, Hinton and Williams, "Learning representations by back-propagating
    errors", Nature 323 (1986).

    Raises:
        ValueError: if there is no row, or ``y`` holds a class outside ``0 .. m - 1``.
    """
    _refuse_wrong_classes(O, y)
    n, m = O.shape
    dO = (softmax(O) - np.eye(m)[y]) / n  # (n, m)
    dW_hm, db_m = H.T @ dO, dO.sum(axis=0)  # (h, m), (m,)
    dH = dO @ W_hm.T  # (n, h)
    dZ = dH * (1 - H**2)  # (n, h)
    dW_xh, db_h = X.T @ dZ, dZ.sum(axis=0)  # (d, h), (h,)
    return Parameters(dW_xh, db_h, dW_hm, db_m)


def _refuse_wrong_classes(O: np.ndarray, y: np.ndarray) -> None:
    if len(y) == 0:
        raise ValueError("a loss needs at least one row (n >= 1), but n = 0")
    outside = y[(y < 0) | (y >= O.shape[1])]
    if len(outside):
        raise ValueError(f"a class should be in 0 .. {O.shape[1] - 1}, but y holds {outside[0]}")


@checked
def finite_difference(
    f: Callable[[np.ndarray], float], W: Float64[np.ndarray, "..."], epsilon: float = 1e-5
) -> Float64[np.ndarray, "..."]:
    """Return the gradient of ``f`` at ``W``, one entry after the other, by central differences :eq:`finite-difference`.

    Source: Nocedal and Wright, "Numerical Optimization" (2006), section 8.1.

    Raises:
        ValueError: if ``epsilon`` is not positive.
    """
    if not epsilon > 0:
        raise ValueError(f"epsilon should be positive, but it is {epsilon}")
    W, dW = W.copy(), np.empty_like(W)
    for place in np.ndindex(W.shape):
        middle = W[place]
        W[place] = middle + epsilon
        above = f(W)
        W[place] = middle - epsilon
        below = f(W)
        W[place] = middle
        dW[place] = (above - below) / (2 * epsilon)
    return dW


@checked
def relative_error(A: Float[np.ndarray, "*shape"], B: Float[np.ndarray, "*shape"]) -> float:
    """Return :eq:`relative-error`: 0 for equal arrays, 1 at most; 0 if both are all zero."""
    size = np.linalg.norm(A) + np.linalg.norm(B)
    return float(np.linalg.norm(A - B) / size) if size > 0 else 0.0


def check_gradients(
    loss: Callable[[Parameters], float], parameters: Parameters, gradients: Parameters, epsilon: float = 1e-5
) -> dict[str, float]:
    """Return for each parameter the :eq:`relative-error` of its gradient against :eq:`finite-difference` of ``loss``.

    In float64 a right gradient comes below 1e-7, and a wrong one seldom below 1e-2.
    """
    errors = {}
    for name, value in parameters._asdict().items():

        def along(W: np.ndarray, name: str = name) -> float:
            return loss(parameters._replace(**{name: W}))

        errors[name] = relative_error(getattr(gradients, name), finite_difference(along, value, epsilon))
    return errors
