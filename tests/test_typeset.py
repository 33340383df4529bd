"""Formulas are typeset at build time: a drawing, MathML, and TeX to copy; a broken one stops the build."""

import re
import runpy
from pathlib import Path
from types import SimpleNamespace

import pytest

pytest.importorskip("py_mini_racer", reason="the pages typeset their formulas themselves on this platform")
FORMULAS = SimpleNamespace(**runpy.run_path(str(Path(__file__).parents[1] / "book/_extensions/formulas.py")))


def test_a_formula_has_a_drawing_and_mathml_and_tex():
    formula = FORMULAS.typeset(r"a < \mathbf{H}_t", False)
    assert formula.count("<svg") == formula.count("<math") == 1
    assert "<mi>t</mi>" in formula
    assert r"\(a &lt; \mathbf{H}_t\)" in formula
    assert 'aria-hidden="true"' in formula
    assert "tabindex" not in formula
    assert "<mjx-container>" in formula
    assert '<mjx-container display="true">' in FORMULAS.typeset("a", True)


def test_every_glyph_of_a_formula_is_known():
    formula = FORMULAS.typeset(
        r"\log \sum_{t=1}^T \phi(x') \mid \begin{pmatrix} 1 & \top \\ \eta & \theta \end{pmatrix}", True
    )
    used = set(re.findall(r'href="#glyph-([^"]+)"', formula))
    assert len(used) > 10
    assert formula.count("<use") == formula.count('href="#glyph-')
    assert "MJX" not in formula
    assert used <= FORMULAS.glyphs.keys()


def test_delimiters_are_replaced_wherever_they_stand():
    source = r"<p>\(a\) and \[b &lt; c\]</p> \begin{align}a &amp;= b\\ c &amp;= d\end{align}"
    html = FORMULAS.replaced(source)
    assert html.count("<svg") >= 3
    assert html.startswith("<p><mjx-container>")
    assert r"\[b &lt; c\]" in html  # as TeX to copy


def test_what_mathjax_cannot_read_is_named():
    with pytest.raises(ValueError, match=r"\\frac"):
        FORMULAS.typeset(r"\frac{a}", False)
