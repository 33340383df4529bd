"""How many bytes of tensors are alive at once: the course's one way to measure memory."""

import weakref
from collections.abc import Iterator
from typing import Any

from torch import Tensor, UntypedStorage
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves


class PeakBytes(TorchDispatchMode):
    """Counts the bytes of the tensors made inside it and still alive: ``with PeakBytes() as memory: ...``.

    ``memory.now`` is their number, ``memory.peak`` the largest it has been. What was made before does not count, nor
    what an operator uses for itself and frees before it returns. Two runs of the same program give the same numbers.
    """

    def __init__(self) -> None:
        super().__init__()
        self.now = self.peak = 0
        self._alive: dict[int, int] = {}

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        given = {storage._cdata for storage in _storages((args, kwargs))}
        for storage in _storages(result):
            key = storage._cdata
            if key not in self._alive and key not in given:
                self._alive[key] = storage.nbytes()
                self.now += storage.nbytes()
                weakref.finalize(storage, self._free, key)
        self.peak = max(self.peak, self.now)
        return result

    def _free(self, key: int) -> None:
        self.now -= self._alive.pop(key)


def _storages(values: Any) -> Iterator[UntypedStorage]:
    tensors = (value for value in tree_leaves(values) if isinstance(value, Tensor))
    return (
        tensor.untyped_storage() for tensor in tensors if not tensor.is_mkldnn
    )  # oneDNN hides where its weights are
