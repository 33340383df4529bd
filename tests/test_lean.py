"""Style sheets of the built book lose the rules that match nothing, and nothing else."""

import runpy
from pathlib import Path
from types import SimpleNamespace

import pytest
import tinycss2

LEAN = SimpleNamespace(**runpy.run_path(str(Path(__file__).parents[1] / "book/_extensions/lean.py")))
KEPT = [
    ".here{color:red}",
    "p .here>a{color:red}",
    "#here.there{color:red}",
    "p:not(.gone){color:red}",
    "[class*=gone]{color:red}",
    ".start-of-a-name{color:red}",
    '.here::before{content:"a,.gone"}',
    "@font-face{font-family:Gone}",
    "@media print{\n.here{color:red}\n}",
    "/*! A licence. */",
]
LOST = [
    ".gone{color:red}",
    ".here .gone{color:red}",
    ".here.gone{}",
    "#gone{}",
    "@media print{.gone{color:red}}",
    "/* a */",
]


def lean(css: str) -> str:
    return LEAN.lean(tinycss2.parse_stylesheet(css), {"here", "there"}, ("start-",))


@pytest.mark.parametrize("rule", KEPT)
def test_a_rule_that_may_match_is_kept(rule):
    assert lean(rule) == rule


@pytest.mark.parametrize("rule", LOST)
def test_a_rule_that_matches_nothing_is_left_out(rule):
    assert lean(rule) == ""


def test_only_some_selectors_of_a_rule_are_left_out():
    assert lean(".gone, .here ,a.gone,.there { color: red }") == ".here,.there{color: red}"


def test_names_come_from_pages_and_their_scripts(tmp_path):
    (tmp_path / "a.js").write_text("element.classList.add('by-script', `start-${x}`)")
    (tmp_path / "unused.js").write_text("'gone'")
    page = '<p class="one two" id="three">four</p><script>five()</script><script defer src="a.js?v=1"></script>'
    (tmp_path / "page.html").write_text(page)
    names = LEAN.used([tmp_path / "page.html"])
    assert {"one", "two", "three", "five", "by-script", "start-"} <= names
    assert not {"four", "gone"} & names
