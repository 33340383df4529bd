"""The passes that the layers run: the numbers of the plain loop, sooner.

The plain loop and :mod:`rnncourse.bptt` say what is computed; here it is computed faster, by four means:

- Whatever does not depend on the state is one operation over all steps. The products with the inputs come before the
  loop, and the sums over steps that give the gradients of the weights come after it.
- On the way back, the slopes and all other factors but the gradient of the state are there before the loop begins.
- The loop makes few new tensors. ``addmm(A, B, W, out=A)`` is ``A += B @ W``; with ``out=`` or a ``_`` at the end of
  its name, a function writes where there already is room.
- Automatic differentiation sees one node for all steps, not ten for each (:mod:`rnncourse.fast.autograd`).

Each module has ``forward`` and ``backward`` for one kind of layer. Shapes are those of :mod:`rnncourse.bptt`, and are
checked by the layer that calls. In single precision the results differ from the plain loop's by rounding only: by some
multiples of 1e-7 of their size, however small they are.
"""

from rnncourse.fast.autograd import run

__all__ = ["run"]
