"""What the fast passes do for all steps at once: the products with the inputs, and the room for the states."""

import torch
from torch import Tensor

MANY = 8  # products, from where on a copy of the weights pays off


def project(X: Tensor, W_xh: Tensor, b_h: Tensor) -> Tensor:
    """Return ``X[t] @ W_xh + b_h`` of all steps, (T, n, k), by one product: ``X`` (T, n, d), ``W_xh`` (d, k)."""
    return torch.addmm(b_h, X.flatten(0, 1), W_xh).unflatten(0, X.shape[:2])


def back_to_inputs(dA: Tensor, W_xh: Tensor) -> Tensor:
    """Return ``dA[t] @ W_xh.T`` of all steps, (T, n, d) from (T, n, k), by one product."""
    return (dA.flatten(0, 1) @ W_xh.T).unflatten(0, dA.shape[:2])


def sum_over_steps(A: Tensor, B: Tensor) -> Tensor:
    """Return the sum of ``A[t].T @ B[t]`` over all steps, (d, k) from (T, n, d) and (T, n, k), by one product."""
    return A.flatten(0, 1).T @ B.flatten(0, 1)


def room_for_states(H_0: Tensor, T: int) -> Tensor:
    """Return the states of T steps, (T + 1, n, h), of which only the first is written: ``H_0``."""
    H = H_0.new_empty(T + 1, *H_0.shape)
    H[0] = H_0
    return H


def start_of_dH(dL_dH: Tensor, dH_T: Tensor) -> Tensor:
    """Return ``dH`` (T + 1, n, h) as it is before the loop: each step's own gradient, ``dH_T`` added to the last."""
    dH = torch.cat([torch.zeros_like(dH_T)[None], dL_dH])
    dH[-1] += dH_T
    return dH


def transposed(W_hh: Tensor, T: int) -> Tensor:
    """Return ``W_hh.T`` for T products with it: many are faster with a copy that is laid out in its own order."""
    return W_hh.T.contiguous() if T >= MANY else W_hh.T
