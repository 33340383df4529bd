"""The passes that the layers run: the same results as the plain loop, faster.

The plain loop and :mod:`rnncourse.bptt` say what is computed; here it is computed faster, by four means:

- Whatever does not depend on the state is one operation over all steps. The products with the inputs come before the
  loop, and the sums over steps that give the gradients of the weights come after it.
- In the backward pass, the slopes and all other factors but the gradient of the state are computed before the loop.
- The loop allocates little. ``addmm(A, B, W, out=A)`` is ``A += B @ W``; with ``out=`` or a ``_`` at the end of its
  name, a function writes into memory that is there already.
- Automatic differentiation sees one node for all steps, not several for each (:mod:`rnncourse.fast.autograd`).

The modules ``rnn``, ``lstm`` and ``gru`` have a ``forward`` and a ``backward`` each. Shapes are those of
:mod:`rnncourse.bptt`, and are checked by the layer that calls. In single precision the results differ from exact ones
by rounding only: in norm by less than 1e-6 of their size, and gradients by less than 1e-5, however small they are.
"""

from rnncourse.fast.autograd import run

__all__ = ["run"]
