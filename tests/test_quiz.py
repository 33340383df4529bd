"""The directive that asks a question in the page: what it writes, and that a question which is not whole is refused."""

import io
import re
import sys
from pathlib import Path

import pytest
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace, patch_docutils

EXTENSIONS = Path(__file__).parents[1] / "book/_extensions"
WRONG, RIGHT = "- [ ] Wrong. :: It is not so.", "- [x] Right. :: It is so."


@pytest.fixture
def build(tmp_path, monkeypatch):
    """Build a page of MyST Markdown; return its HTML and Sphinx's warnings."""
    monkeypatch.syspath_prepend(EXTENSIONS)
    monkeypatch.delitem(sys.modules, "quiz", raising=False)

    def build(*questions: str) -> tuple[str, str]:
        source = tmp_path / "source"
        source.mkdir()
        fences = "\n\n".join(f"~~~{{quiz}} {question}\n~~~" for question in questions)
        (source / "index.md").write_text(f"# Page\n\n{fences}\n", encoding="utf-8")
        config = {"extensions": ["myst_parser", "quiz"], "myst_enable_extensions": ["dollarmath"]}
        config |= {"html_theme": "basic", "project": "test"}
        warnings = io.StringIO()
        with patch_docutils(), docutils_namespace():
            folders = (str(tmp_path / "out"), str(tmp_path / "doctrees"), "html")
            app = Sphinx(str(source), None, *folders, config, status=None, warning=warnings)
            app.build()
        return (tmp_path / "out/index.html").read_text(encoding="utf-8"), warnings.getvalue()

    return build


def test_a_question_becomes_a_group_of_radio_buttons(build):
    page, warnings = build(f"Is $a < b$ in `a < b`?\n{WRONG}\n{RIGHT}\n- [ ] *Never* :: For `x < 1` & more.")
    assert warnings == ""
    (quiz,) = re.findall(r'<fieldset class="quiz">(.*?)</fieldset>', page, re.DOTALL)
    (legend,) = re.findall("<legend>(.*?)</legend>", quiz)
    assert '<span class="math notranslate nohighlight">\\(a &lt; b\\)</span>' in legend
    assert re.search("<code.*a.*&lt;.*b.*</code>", legend)
    choices = re.findall(r'<div class="choice"><label>(<input .*?>)(.*?)</label>(.*?)</div></div>', quiz)
    assert len(choices) == 3
    assert quiz.count("<input") == 3
    for button, _, _ in choices:
        assert 'type="radio"' in button
        assert 'name="quiz-1"' in button
        assert 'autocomplete="off"' in button
        assert "checked" not in button
    assert [re.sub("<.*?>", "", answer) for _, answer, _ in choices] == ["Wrong.", "Right.", "Never"]
    assert "<em>Never</em>" in quiz
    reasons = [reason for _, _, reason in choices]
    assert all(reason.startswith('<div role="status"><p class="') for reason in reasons)
    assert [re.findall('class="(right|wrong)"', reason) for reason in reasons] == [["wrong"], ["right"], ["wrong"]]
    verdicts = [re.sub("<.*?>", "", reason) for reason in reasons]
    assert verdicts == ["✗ Not so. It is not so.", "✓ Right. It is so.", "✗ Not so. For x &lt; 1 &amp; more."]
    assert quiz.count('<span aria-hidden="true">') == 3, "the sign is for the eye only"


def test_two_questions_are_two_groups(build):
    page, warnings = build(f"One?\n{RIGHT}\n{WRONG}", f"Two?\n{WRONG}\n{RIGHT}")
    assert warnings == ""
    assert re.findall(r'name="(quiz-\d)"', page) == ["quiz-1"] * 2 + ["quiz-2"] * 2


def test_a_choice_goes_on_in_the_next_line(build):
    page, warnings = build(f"Long?\n\n- [x] The answer\n  goes on :: and so\n  does the reason.\n{WRONG}")
    assert warnings == ""
    assert "<span>The answer goes on</span>" in page
    assert "and so does the reason.</p>" in page


@pytest.mark.parametrize(
    ("question", "message"),
    [
        (f"Why?\n{WRONG}\n{WRONG}", "0 choices are marked [x], not 1"),
        (f"Why?\n{RIGHT}\n{RIGHT}", "2 choices are marked [x], not 1"),
        (f"Why?\n{RIGHT}", "1 choices, not 2 to 4"),
        ("Why?\n" + "\n".join([RIGHT] + [WRONG] * 4), "5 choices, not 2 to 4"),
        ("Why?", "0 choices, not 2 to 4"),
        (f"Why?\n{RIGHT}\n- [ ] No reason.", "'- [ ] No reason.' is not of the form '- [ ] choice :: reason'"),
        (f"Why?\n{RIGHT}\n- [ ] No reason. ::", "'- [ ] No reason. ::' is not of the form"),
        (f"Why?\n{RIGHT}\n- [ ] No :: two :: reasons.", "two :: reasons.' is not of the form"),
        (f"Why?\n{RIGHT}\n- [X] No. :: A capital letter.", "'- [X] No. :: A capital letter.' is not of the form"),
        (f"Why?\n{RIGHT}\n- No box. :: It is not so.", "'- No box. :: It is not so.' is not of the form"),
        (f"Why?\n\nBecause.\n{RIGHT}\n{WRONG}", "'Because.' is before the first choice"),
        (f"Why?\n{RIGHT}\n{RIGHT.replace('x', ' ')}", "two choices say 'Right.'"),
        (f"\n{RIGHT}\n{WRONG}", "1 argument(s) required"),
    ],
)
def test_a_question_that_is_not_whole_is_refused(build, question, message):
    page, warnings = build(question)
    assert message in warnings
    assert re.search(r"index\.md:3: (ERROR|WARNING)", warnings), warnings
    assert "<fieldset" not in page
