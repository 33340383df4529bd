"""Captions on the page: numbered, with typeset formulas."""

import runpy
from itertools import count
from pathlib import Path

import pytest

pytest.importorskip("py_mini_racer", reason="the pages typeset their formulas themselves on this platform")
EXTENSIONS = Path(__file__).parents[1] / "book/_extensions"
with pytest.MonkeyPatch.context() as patch:
    patch.syspath_prepend(EXTENSIONS)
    CAPTIONS = runpy.run_path(str(EXTENSIONS / "captions.py"))["Captions"]


def test_captions_are_numbered_in_their_order():
    numbers = count(1)
    first = CAPTIONS.numbered("<figcaption style='x'>A</figcaption> <figcaption>B</figcaption>", "3.", numbers)
    assert "<figcaption style='x'><b>Figure 3.1.</b> A</figcaption>" in first
    assert "<figcaption><b>Figure 3.2.</b> B</figcaption>" in first
    assert "<b>Figure 3.3.</b>" in CAPTIONS.numbered("<figcaption>C</figcaption>", "3.", numbers)


def test_formulas_in_captions_are_typeset():
    caption = CAPTIONS.numbered(r"<figcaption>For $\tau &lt; 3$ and $h$.</figcaption>", "", count(1))
    assert caption.count("<mjx-container>") == 2
    assert r"\(\tau &lt; 3\)" in caption
    assert "$" not in caption
