"""Formulas are typeset at build time: a drawing, MathML, and TeX to copy; a broken one stops the build."""

import re
import runpy
import subprocess
import sys
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


WITHOUT_V8 = """\
import importlib.util, sys
find_spec = importlib.util.find_spec
importlib.util.find_spec = lambda name, *rest: None if name == "py_mini_racer" else find_spec(name, *rest)
from sphinx.cmd.build import main
sys.exit(main(["-W", ".", "html"]))
"""


@pytest.mark.slow
def test_without_v8_the_pages_typeset_their_formulas(tmp_path):
    extensions = Path(__file__).parents[1] / "book/_extensions"
    (tmp_path / "conf.py").write_text(
        f"import sys; sys.path.append({str(extensions)!r})\n"
        "extensions = ['sphinx.ext.mathjax', 'formulas', 'figures']\nmathjax_path = 'mathjax/tex-svg.js'\n"
    )
    (tmp_path / "index.rst").write_text(
        "Title\n=====\n\nA formula, :math:`a < b`.\n\n.. raw:: html\n\n   <figcaption>For $h = 2$.</figcaption>\n"
    )
    command = [sys.executable, "-c", WITHOUT_V8]
    process = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert process.returncode == 0, process.stderr
    assert "mini-racer is not installed: the pages typeset their formulas" in process.stdout
    page = (tmp_path / "html/index.html").read_text()
    assert r"\(a &lt; b\)" in page
    assert r'<b>Figure 1.</b> For <span class="math notranslate nohighlight">\(h = 2\)</span>.' in page
    assert "_static/mathjax/tex-svg.js" in page
    assert (tmp_path / "html/_static/mathjax/tex-svg.js").exists()
    assert "<mjx-container" not in page
