"""The one way to measure memory counts what is made inside, as long as it is alive."""

import torch

from rnncourse.bptt import PeakBytes


def test_bytes_are_counted_while_they_are_alive():
    before = torch.zeros(1000)
    with PeakBytes() as memory:
        assert memory.now == 0
        first = torch.zeros(10, dtype=torch.float64)
        second = torch.ones(5, dtype=torch.float32)
        assert memory.now == memory.peak == 80 + 20
        view = first[:2]
        before += 1
        assert memory.now == 100
        del first
        assert memory.now == 100  # the view keeps it
        del view, second
        assert memory.now == 0
        assert memory.peak == 100


def test_two_runs_give_the_same_numbers():
    def peak() -> int:
        with PeakBytes() as memory:
            layer = torch.nn.LSTM(3, 4)
            layer(torch.ones(50, 2, 3))[0].sum().backward()
        return memory.peak

    assert peak() == peak() > 0
