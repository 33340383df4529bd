"""Muon, an optimizer for matrices: it takes a step of equal length in every direction that the gradient has."""

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn


class Muon(torch.optim.AdamW):
    """AdamW, except for the matrices that map states to states: these move by an orthogonal matrix at each update.

    The gradient of ``W_hh`` has a few large singular values and many small ones. Its momentum ``M`` is replaced by the
    nearest orthogonal matrix, so that the small ones count as much as the large ones. What maps states to states is a
    row of square blocks, one for each gate: ``W_hh``, and ``W_xh`` in the upper layers of a stack. Each block is
    treated on its own.

    Source: Jordan et al., "Muon: an optimizer for hidden layers in neural networks" (2024); the constants are theirs.

    Args:
        params: parameters of a model.
        lr: learning rate of AdamW.
        weight_decay: of all parameters.
        scale: length of a matrix's update in each direction, divided by ``lr``.
        momentum: what an update of ``M`` keeps of it.
    """

    def __init__(
        self,
        params: Iterable[nn.Parameter],
        lr: float,
        *,
        weight_decay: float = 0.01,
        scale: float = 2.0,
        momentum: float = 0.95,
    ) -> None:
        super().__init__(params, lr=lr, weight_decay=weight_decay)
        self.scale, self.momentum = scale, momentum

    @torch.no_grad()
    def step(self, closure: Any = None) -> Any:
        """Make one update; the gradients of the matrices are used up."""
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is None or not _has_square_blocks(p):
                    continue
                state = self.state[p]
                if not state:
                    state["M"] = torch.zeros_like(p)
                    state["step"] = torch.zeros(())  # Adam wants one of each parameter that has a state
                M = state["M"].lerp_(p.grad, 1 - self.momentum)
                direction = p.grad.lerp(M, self.momentum)  # Nesterov's
                p.mul_(1 - group["lr"] * group["weight_decay"])
                p.sub_(orthogonal(direction), alpha=group["lr"] * self.scale)
                p.grad = None  # AdamW leaves out what has none
        return super().step(closure)


def _has_square_blocks(p: Tensor) -> bool:
    return p.dim() == 2 and p.shape[1] % p.shape[0] == 0


def orthogonal(G: Tensor) -> Tensor:
    """Return about the nearest orthogonal matrix of each square block of ``G`` (h, k h): same singular vectors.

    Five steps of a Newton-Schulz iteration bring all singular values to between 0.7 and 1.2, which is near enough.
    """
    h = len(G)
    X = G.unflatten(1, (-1, h)).transpose(0, 1)  # (k, h, h)
    X = X / (torch.linalg.matrix_norm(X, keepdim=True) + 1e-7)
    for _ in range(5):
        A = X @ X.mT
        B = torch.baddbmm(A, A, A, beta=-4.7750, alpha=2.0315)
        X = torch.baddbmm(X, B, X, beta=3.4445)
    return X.transpose(0, 1).flatten(1)
