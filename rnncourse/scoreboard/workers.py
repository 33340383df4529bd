"""Where the scoreboard's models are trained: processes of this machine, or a Dask cluster."""

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager

import torch

ANSWER_SECONDS = 10  # until a scheduler answers


@contextmanager
def open_workers(jobs: int, dask: str | None = None) -> Iterator[Executor]:
    """Open ``jobs`` processes of one thread each, or the workers of the Dask scheduler at the address ``dask``.

    Two trainings of one thread each are faster than one after the other with two threads. Interrupted, what has not
    begun is given up.

    Raises:
        RuntimeError: if Dask is not installed, or no scheduler answers.
    """
    if dask is None:
        # Fresh processes: a fork would inherit PyTorch's threads in whatever state they are.
        pool = ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn"), torch.set_num_threads, (1,))
        try:
            yield pool
        finally:
            pool.shutdown(cancel_futures=True)
        return
    try:
        from distributed import Client
    except ImportError:
        raise RuntimeError("--dask needs Dask: pip install 'rnncourse[dask]'") from None
    try:
        client = Client(dask, timeout=ANSWER_SECONDS)
    except (OSError, ValueError, TimeoutError) as error:
        raise RuntimeError(f"no Dask scheduler answers at {dask}: {error}") from None
    with client, client.get_executor(pure=False) as executor:
        yield executor
