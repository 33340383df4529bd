"""Speed and memory of the layers beside torch.nn: ``python benchmarks/torch_nn.py`` writes ``benchmarks/results.md``.

All that is compared takes turns in one process, so that whatever else the machine does meets all alike. A number in
the tables of speed is the median over the rounds of torch.nn's time divided by the other's time in the same round.
"""

import argparse
import math
import os
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from rnncourse.bptt import PeakBytes, checkpointed_backward
from rnncourse.deep_rnn import DeepRNN
from rnncourse.gated import GRU, LSTM
from rnncourse.rnn import RNN

RESULTS = Path(__file__).with_name("results.md")
BY_HAND = "\n## What the time goes into\n"  # from here on the page is written by hand


class Size(NamedTuple):
    n: int
    T: int
    d: int
    h: int


SIZES = [Size(1024, 32, 28, 32), Size(32, 64, 64, 256), Size(32, 35, 128, 512), Size(20, 100, 32, 128)]
KINDS: dict[str, tuple[Any, Callable[[int, int], nn.Module], int, int]] = {  # blocks of weights, and layers
    "RNN": (RNN, nn.RNN, 1, 1),
    "deep RNN": (DeepRNN, lambda d, h: nn.RNN(d, h, num_layers=2), 1, 2),
    "LSTM": (LSTM, nn.LSTM, 4, 1),
    "GRU": (GRU, nn.GRU, 3, 1),
}
WAYS = ("loop", "fast", "products")


def run(layer: nn.Module, X: Tensor, G: Tensor | None) -> None:
    """One forward pass, and the way back if there is a gradient ``G`` of the outputs."""
    if G is None:
        with torch.no_grad():
            layer(X)
        return
    layer(X)[0].backward(G)
    for parameter in layer.parameters():
        parameter.grad = None


@torch.no_grad()
def products(size: Size, blocks: int, layers: int, backward: bool) -> Callable[[], None]:
    """What a layer cannot do without: its matrix products."""
    n, T, d, h = size
    k = blocks * h
    stack = [(torch.randn(T * n, width), torch.randn(width, k)) for width in [d, h][:layers]]
    H, W_hh, dA = torch.randn(T * n, h), torch.randn(h, k), torch.randn(T * n, k)

    def at_each_step(B: Tensor, W: Tensor) -> None:
        A = torch.zeros(n, W.shape[1])
        for B_t in B.split(n):
            torch.addmm(A, B_t, W, out=A)

    @torch.no_grad()
    def work() -> None:
        for l, (X, W_xh) in enumerate(stack):
            X @ W_xh
            at_each_step(H, W_hh)
            if backward:
                at_each_step(dA, W_hh.T)
                X.T @ dA
                H.T @ dA
                if l > 0:  # the gradient of its inputs goes to the layer below
                    dA @ W_xh.T

    return work


def speed(kind: str, size: Size, backward: bool, rounds: int) -> dict[str, float]:
    """Torch's time divided by that of each way, and torch's milliseconds."""
    layer, torch_layer, blocks, layers = KINDS[kind]
    torch.manual_seed(0)
    module = torch_layer(size.d, size.h)
    fast, loop = layer.from_torch(module), layer.from_torch(module)
    for part in loop.modules():
        part.fast = False
    X = torch.randn(size.T, size.n, size.d)
    G = torch.randn(size.T, size.n, size.h) if backward else None
    calls: dict[str, Callable[[], None]] = {
        "torch": lambda: run(module, X, G),
        "loop": lambda: run(loop, X, G),
        "fast": lambda: run(fast, X, G),
        "products": products(size, blocks, layers, backward),
    }
    taken: dict[str, list[float]] = {way: [] for way in calls}
    for round_ in range(-2, rounds):  # two to warm up
        for way, call in calls.items():
            begin = time.perf_counter()
            call()
            if round_ >= 0:
                taken[way].append(time.perf_counter() - begin)
    ratios = {way: statistics.median(a / b for a, b in zip(taken["torch"], taken[way], strict=True)) for way in WAYS}
    return {**ratios, "ms": 1000 * statistics.median(taken["torch"])}


def speed_tables(threads: int, rounds: int) -> str:
    """The table of forward passes, and that with the way back."""
    torch.set_num_threads(threads)
    text = ""
    for backward in (False, True):
        what = "forward and backward" if backward else "forward"
        text += f"\n### {what.capitalize()}, {threads} thread{'s' * (threads > 1)}\n\n"
        text += "| layer | n, T, d, h | torch.nn, ms | plain loop | **fast** | products alone |\n"
        text += "|---|---|---:|---:|---:|---:|\n"
        for kind in KINDS:
            rows = [speed(kind, size, backward, rounds) for size in SIZES]
            for size, row in zip(SIZES, rows, strict=True):
                text += f"| {kind} | {', '.join(map(str, size))} | {row['ms']:.1f} | {columns(row)} |\n"
            mean = {way: math.exp(statistics.mean(math.log(row[way]) for row in rows)) for way in WAYS}
            text += f"| {kind} | geometric mean | | {columns(mean)} |\n"
            print(
                f"{threads} {what:<20} {kind:<8} fast {mean['fast']:.2f}",
                [f"{r['fast']:.2f}" for r in rows],
                flush=True,
            )
    return text


def columns(row: dict[str, float]) -> str:
    return " | ".join(f"**{row[way]:.2f}**" if way == "fast" else f"{row[way]:.2f}" for way in WAYS)


def peak(call: Callable[[], object]) -> int:
    """Bytes of tensors that were alive at once."""
    with PeakBytes() as memory:
        call()
    return memory.peak


def peak_table() -> str:
    """Peak memory of a forward and backward pass."""
    text = "| layer | n, T, d, h | torch.nn | plain loop | **fast** |\n|---|---|---:|---:|---:|\n"
    for kind, (layer, torch_layer, _, _) in KINDS.items():
        for size in SIZES:
            module = torch_layer(size.d, size.h)
            fast, loop = layer.from_torch(module), layer.from_torch(module)
            for part in loop.modules():
                part.fast = False
            X, G = torch.randn(size.T, size.n, size.d), torch.randn(size.T, size.n, size.h)
            a, b, c = (peak(lambda way=way, X=X, G=G: run(way, X, G)) / 1e6 for way in (module, loop, fast))
            text += f"| {kind} | {', '.join(map(str, size))} | {a:.1f} | {b:.1f} | **{c:.1f}** |\n"
    return text


def memory_against_T(T: int, n: int = 16, d: int = 8, h: int = 64, tau: int = 32) -> tuple[int, int, int]:
    """Peak bytes of the gradient of the sum of all squared outputs: in full, in windows, and with checkpoints."""
    rnn, X, H_0 = RNN(d, h), torch.randn(T, n, d), torch.zeros(n, h)

    def full(X: Tensor = X, state: Tensor = H_0) -> Tensor:
        outputs, state = rnn(X, state)
        outputs.square().sum().backward()
        return state.detach()

    def windows() -> None:
        state = H_0
        for piece in X.split(tau):
            state = full(piece, state)

    def checkpoints() -> None:
        weights = [parameter.detach() for parameter in rnn.parameters()]
        checkpointed_backward(lambda H, piece: 2 * H, X, H_0, *weights, every=math.isqrt(T - 1) + 1)

    return peak(full), peak(windows), peak(checkpoints)


def growth_table() -> str:
    """Peak memory against the number of steps."""
    text = "| T | full | windows of 32 steps | checkpoints at every sqrt(T)-th step |\n|---:|---:|---:|---:|\n"
    for T in (64, 256, 1024, 4096):
        text += f"| {T:,} | {' | '.join(f'{value / 1e6:.2f}' for value in memory_against_T(T))} |\n"
    return text


def page(threads: list[int], rounds: int) -> str:
    """Everything that is measured, as a page of Markdown."""
    speeds = "".join(speed_tables(count, rounds) for count in threads)
    return f"""# Speed and memory beside torch.nn

Measured by `make bench` on {os.cpu_count()} cores ({torch.backends.cpu.get_cpu_capability()}) with PyTorch \
{torch.__version__}, in single precision, in one run.

## Speed

How many times as fast as `torch.nn`: above 1 is faster. Each number is the median of {rounds} paired runs after a \
warm-up. *Plain loop* and *fast* are the layers of `rnncourse` with `fast=False` and `fast=True`; the deep RNN has two \
layers. The last column is the floor: the matrix products with nothing between them.
{speeds}
## Memory

Peak of the bytes of tensors alive at once in a forward and backward pass, in MB, counted by \
`rnncourse.bptt.PeakBytes`; what an operator uses inside and frees is not seen.

{peak_table()}
Peak for the gradient of an RNN (n = 16, d = 8, h = 64) against the number of steps T, in MB: back-propagation through \
all steps, truncated to windows of 32 steps, and through all steps with recomputation.

{growth_table()}"""


def main() -> None:
    """Measure, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=21)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--out", type=Path, default=RESULTS)
    arguments = parser.parse_args()
    _, heading, rest = (RESULTS.read_text() if RESULTS.exists() else "").partition(BY_HAND)
    arguments.out.write_text(page(arguments.threads, arguments.rounds) + heading + rest)
    print(f"\nThe tables: {arguments.out}")


if __name__ == "__main__":
    main()
