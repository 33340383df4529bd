"""Sphinx extension: the directive that asks a question in the page.

The answers are radio buttons, and the style sheet shows the reason of the
chosen one, so a quiz needs no script.
"""

import re

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.writers.html5 import HTML5Translator

CHOICE = re.compile(r"- \[(?P<mark>[ x])\] (?P<answer>.+?) :: (?P<reason>.+)")


class element(nodes.General, nodes.TextElement):  # noqa: N801
    """An HTML element: its ``tag``, its attributes ``html``, its content."""


def visit_element(self: HTML5Translator, node: element) -> None:
    """Write the opening tag."""
    self.body.append(self.starttag(node, node["tag"], "", **node["html"]))


def depart_element(self: HTML5Translator, node: element) -> None:
    """Write the closing tag; an input has none."""
    if node["tag"] != "input":
        self.body.append(f"</{node['tag']}>")


def make(tag: str, *children: nodes.Node, **html: str) -> element:
    """Return an HTML element; ``class_`` stands for its class."""
    classes = html.pop("class_", "").split()
    return element("", "", *children, tag=tag, html=html, classes=classes)


class Quiz(SphinxDirective):
    """``{quiz} QUESTION`` with a list of choices, one of which is right::

        - [ ] A wrong choice :: why it is wrong.
        - [x] The right choice :: why it is right.

    The question, the choices and the reasons are Markdown of one paragraph.
    """

    required_arguments = 1
    final_argument_whitespace = True
    has_content = True

    def choices(self) -> list[re.Match[str]]:
        """Return the choices that are written in the directive."""
        items: list[str] = []
        for line in filter(None, map(str.strip, self.content)):
            if line.startswith("- "):
                items.append(line)
            elif items:  # a choice goes on in the next line
                items[-1] += f" {line}"
            else:
                raise self.error(f"quiz: '{line}' is before the first choice")
        choices = []
        for item in items:
            choice = CHOICE.fullmatch(item)
            if choice is None or " :: " in choice["reason"]:
                form = "- [ ] choice :: reason"
                raise self.error(f"quiz: '{item}' is not of the form '{form}'")
            choices.append(choice)
        if not 2 <= len(choices) <= 4:
            raise self.error(f"quiz: {len(choices)} choices, not 2 to 4")
        right = sum(choice["mark"] == "x" for choice in choices)
        if right != 1:
            raise self.error(f"quiz: {right} choices are marked [x], not 1")
        answers = [choice["answer"] for choice in choices]
        for answer in answers:
            if answers.count(answer) > 1:
                raise self.error(f"quiz: two choices say '{answer}'")
        return choices

    def markdown(self, text: str) -> list[nodes.Node]:
        """Parse one paragraph of Markdown."""
        content, messages = self.parse_inline(text)
        return content + messages

    def run(self) -> list[nodes.Node]:
        """Build the group of radio buttons."""
        name = f"quiz-{self.env.new_serialno('quiz') + 1}"
        question = make("legend", *self.markdown(self.arguments[0]))
        quiz = make("fieldset", question, class_="quiz")
        for choice in self.choices():
            right = choice["mark"] == "x"
            # Without autocomplete="off" Firefox restores the last answer.
            button = make("input", type="radio", name=name, autocomplete="off")
            answer = make("span", *self.markdown(choice["answer"]))
            sign = make("span", nodes.Text("✓ " if right else "✗ "))
            sign["html"] = {"aria-hidden": "true"}
            verdict = nodes.Text("Right." if right else "Not so.")
            reason = make(
                "p",
                make("strong", sign, verdict),
                nodes.Text(" "),
                *self.markdown(choice["reason"]),
                class_="right" if right else "wrong",
            )
            # The status is there before the choice, so it is read out.
            quiz += make(
                "div",
                make("label", button, answer),
                make("div", reason, role="status"),
                class_="choice",
            )
        self.set_source_info(quiz)
        return [quiz]


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directive."""
    app.add_node(element, html=(visit_element, depart_element))
    app.add_directive("quiz", Quiz)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
