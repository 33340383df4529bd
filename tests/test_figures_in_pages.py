"""Figures on the page: numbered, with typeset formulas; those that move share one style sheet and one script."""

import runpy
from itertools import count
from pathlib import Path
from types import SimpleNamespace

import pytest

pytest.importorskip("py_mini_racer", reason="the pages typeset their formulas themselves on this platform")
EXTENSIONS = Path(__file__).parents[1] / "book/_extensions"
with pytest.MonkeyPatch.context() as patch:
    patch.syspath_prepend(EXTENSIONS)
    FIGURES = SimpleNamespace(**runpy.run_path(str(EXTENSIONS / "figures.py")))


def test_captions_are_numbered_in_their_order():
    numbers = count(1)
    first = FIGURES.numbered("<figcaption style='x'>A</figcaption> <figcaption>B</figcaption>", "3.", numbers)
    assert "<figcaption style='x'><b>Figure 3.1.</b> A</figcaption>" in first
    assert "<figcaption><b>Figure 3.2.</b> B</figcaption>" in first
    assert "<b>Figure 3.3.</b>" in FIGURES.numbered("<figcaption>C</figcaption>", "3.", numbers)


def test_formulas_in_captions_are_typeset():
    caption = FIGURES.numbered(r"<figcaption>For $\tau &lt; 3$ and $h$.</figcaption>", "", count(1))
    assert caption.count("<mjx-container>") == 2
    assert r"\(\tau &lt; 3\)" in caption
    assert "$" not in caption


def test_the_first_figure_has_the_style_and_the_last_the_script():
    figures = [f"<style>a</style>\n{k}<script>b</script>" for k in range(3)]
    assert FIGURES.shared(figures) == ["<style>a</style>\n0", "1", "2<script>b</script>"]
    other = "<style>c</style>\n<script>d</script>"
    assert FIGURES.shared([figures[0], other]) == [figures[0], other]


def test_ids_are_short_and_still_differ():
    first = '<g id="e12345678-s1"/><use href="#e12345678-s1"/>'
    second = '<g id="p12345678-s1"/><path clip-path="url(#p12345678-s1)"/>'
    assert FIGURES.shortened([first, second]) == [
        '<g id="f0"/><use href="#f0"/>',
        '<g id="f1"/><path clip-path="url(#f1)"/>',
    ]
