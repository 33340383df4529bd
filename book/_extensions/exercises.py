"""Sphinx extension: the directive that shows a topic's exercises.

Statements, hints and solutions are read from ``solution.ipynb``, their only
source; hints and solutions are collapsed.
"""

from pathlib import Path

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from rnncourse.grading.exercise import read_sheet


def page(path: Path) -> str:
    """Return the exercises of the notebook at ``path`` as MyST Markdown."""
    parts = []
    for exercise in read_sheet(path).exercises:
        points = f"{exercise.points} point{'s' * (exercise.points != 1)}"
        end = " " if exercise.title.endswith("?") else ", "
        label = f"exercise-{exercise.name}"  # a term may have the name
        parts += [f"::::::{{exercise}} {exercise.title}{end}{points}"]
        parts += [f":label: {label}", "", exercise.statement]
        for i, hint in enumerate(exercise.hints):
            parts += [f":::{{dropdown}} Hint {i + 1}", hint, ":::"]
        parts += ["::::::", ""]
        parts += [f"::::::{{solution}} {label}", ":class: dropdown", ""]
        parts += [
            "```python",
            exercise.solution,
            "```",
            exercise.explanation,
            "::::::",
            "",
        ]
    return "\n".join(parts)


class Exercises(SphinxDirective):
    """``{exercises} TOPIC`` shows what is in exercises/TOPIC."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Parse the exercises in place of the directive."""
        folder = Path(self.env.srcdir) / "exercises" / self.arguments[0]
        source = folder / "solution.ipynb"
        if not source.exists():
            raise self.error(f"there is no {source}")
        self.env.note_dependency(str(source))
        text = page(source).splitlines()
        node = nodes.container()
        lines = StringList(text, source=str(source))
        self.state.nested_parse(lines, self.content_offset, node)
        return node.children


def trim_links(app: Sphinx, doctree: nodes.document, page: str) -> None:
    """Move the space that begins a solution's link in front of the link."""
    for title in doctree.findall(nodes.title):
        for link in list(title.findall(nodes.reference)):
            text = link.children[0]
            if isinstance(text, nodes.Text) and text.startswith(" "):
                link.replace(text, nodes.Text(text.lstrip()))
                title.insert(title.index(link), nodes.Text(" "))


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directive."""
    app.add_directive("exercises", Exercises)
    app.connect("doctree-resolved", trim_links)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
