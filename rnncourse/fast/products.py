"""The matrix products of the hand-written passes, and which library computes them.

On a CPU, PyTorch has two libraries for products of single precision: ``torch.mm`` uses MKL, ``torch.nn.LSTM`` uses
oneDNN. On a processor that has AVX-512 and is not Intel's, MKL makes no use of it and runs at half of oneDNN's speed;
with AVX2 only, MKL is the faster one by half, as ``benchmarks/results.md`` shows. So where there is AVX-512, large
products go to oneDNN, by an operator of PyTorch's that is meant for its compiler. Everything else (small products,
other precisions, other processors, GPUs) goes to ``torch.addmm`` and ``torch.mm``.
"""

from collections.abc import Callable
from math import prod
from typing import Any

import torch
from torch import Tensor
from torch.utils.flop_counter import register_flop_formula

LARGE = 2**20  # multiplications, from where on a call of oneDNN pays off
MANY = 16  # steps, from where on it pays off to lay out the weights for it
MINUS_ONE = torch.tensor(-1.0)

AVX512 = torch.backends.cpu.get_cpu_capability() == "AVX512"

onednn: Any = getattr(torch.ops.mkldnn, "_linear_pointwise", None) if torch.backends.mkldnn.is_available() else None


def _flops(B_shape: torch.Size, *_: Any, out_shape: torch.Size, **__: Any) -> int:
    return 2 * prod(out_shape) * B_shape[-1]


if onednn is not None:
    register_flop_formula(onednn)(_flops)  # so that FlopCounterMode sees these products, too


def _by_onednn(n: int, W: Tensor) -> bool:
    return AVX512 and onednn is not None and W.dtype == torch.float32 and W.is_cpu and n * W.numel() >= LARGE


def product(B: Tensor, W: Tensor, plus: Tensor | None = None) -> Tensor:
    """Return ``B @ W + plus``: ``B`` (n, d), ``W`` (d, k), ``plus`` (k,)."""
    if _by_onednn(len(B), W):
        return onednn(B, W.T, plus, "none", [], "")
    return B @ W if plus is None else torch.addmm(plus, B, W)


def repeated(W: Tensor, n: int, T: int) -> Callable[[Tensor, Tensor], Tensor]:
    """Return the function ``add(A, B)`` that adds ``B @ W`` to ``A`` in place and returns it, to be called T times.

    ``A`` is (n, k), ``B`` (n, d), ``W`` (d, k). For many steps oneDNN lays the weights out once as it wants to read
    them, which makes each product faster by a quarter.
    """
    if not _by_onednn(n, W):
        return lambda A, B: torch.addmm(A, B, W, out=A)  # which FlopCounterMode sees, as it does not see addmm_
    laid_out = torch.ops.mkldnn._reorder_linear_weight(W.T, n) if T >= MANY else W.T
    return lambda A, B: A.add_(onednn(B, laid_out, None, "none", [], ""))


def tanh(A: Tensor, out: Tensor) -> Tensor:
    """Write :math:`\\tanh A` into ``out``; in single precision on a CPU as 2 sigmoid(2 A) - 1, right to 2e-7."""
    if A.dtype != torch.float32 or not A.is_cpu:
        return torch.tanh(A, out=out)
    torch.add(A, A, out=out).sigmoid_()
    return torch.add(MINUS_ONE, out, alpha=2, out=out)


def sigmoid_and_tanh_(A: Tensor, g: Tensor) -> None:
    """Apply the sigmoid to ``A`` in place, but tanh to ``g``, which is a part of it."""
    if g.dtype == torch.float32 and g.is_cpu:  # one sigmoid for all, by the formula of tanh
        g.add_(g)
        A.sigmoid_()
        torch.add(MINUS_ONE, g, alpha=2, out=g)
        return
    tanh_g = torch.tanh(g)
    A.sigmoid_()
    g.copy_(tanh_g)


def project(X: Tensor, W_xh: Tensor, b_h: Tensor) -> Tensor:
    """Return :math:`X_t W_{xh} + b_h` of all steps, (T, n, k), by one product: ``X`` (T, n, d), ``W_xh`` (d, k).

    Raises:
        ValueError: if ``X`` has no step.
    """
    if len(X) == 0:
        raise ValueError("X should have at least one step (T >= 1), but T = 0")
    return product(X.flatten(0, 1), W_xh, plus=b_h).view(*X.shape[:2], -1)


def back_to_inputs(dA: Tensor, W_xh: Tensor) -> Tensor:
    """Return ``dA[t] @ W_xh.T`` of all steps, (T, n, d) from (T, n, k), by one product."""
    return product(dA.flatten(0, 1), W_xh.T).view(*dA.shape[:2], -1)


def over_steps(A: Tensor, B: Tensor) -> Tensor:
    """Return the sum of ``A[t].T @ B[t]`` over all steps, (d, k) from (T, n, d) and (T, n, k), by one product."""
    return product(A.flatten(0, 1).T, B.flatten(0, 1))


def after_zero(dL_dH: Tensor, dH_T: Tensor) -> Tensor:
    """Return the gradients of each step's own loss behind those of :math:`H_0`, zero: (T + 1, n, h)."""
    dH = torch.cat([torch.zeros_like(dH_T)[None], dL_dH])
    dH[-1] += dH_T
    return dH


def before_first(H_0: Tensor, T: int) -> Tensor:
    """Return room for the states of T steps behind ``H_0``, (T + 1, n, h)."""
    H = H_0.new_empty(T + 1, *H_0.shape)
    H[0] = H_0
    return H
