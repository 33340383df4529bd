"""Sphinx extension: ideas before code.

Code that a student need not read is folded to one line. The notebook keeps
it plain, and nbval runs it as it stands. By a cell's tag:

- ``hide-input``: the code of a figure or of a measurement; a small link
  below its output opens it.
- ``hide-cell``: the cell only checks; its first comment says what, and the
  line shows that comment.
- none: the code stays, but the checks at its end are folded. The comment
  above them says what they check.
"""

import ast

from docutils import nodes
from quiz import make
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform


def is_check(statement: ast.stmt) -> bool:
    """Return whether ``statement`` asserts something and does nothing else."""
    if isinstance(statement, (ast.For, ast.With, ast.If)):
        return all(map(is_check, statement.body))
    return isinstance(statement, ast.Assert)


def split(source: str) -> tuple[str, str]:
    """Return ``source`` up to the checks at its end, and these checks.

    The comment above the checks belongs to them.
    """
    lines = source.splitlines()
    first = len(lines)
    for statement in reversed(ast.parse(source).body):
        if not is_check(statement):
            break
        first = statement.lineno - 1
        while first and lines[first - 1].startswith("#"):
            first -= 1
    code, checks = lines[:first], lines[first:]
    return "\n".join(code).strip("\n"), "\n".join(checks).strip("\n")


def what(checks: str) -> str:
    """Return the comment that ``checks`` begin with, as one line."""
    comment = []
    for line in checks.splitlines():
        if not line.startswith("#"):
            break
        comment.append(line.lstrip("# "))
    return " ".join(comment)


def fold(line: str, *content: nodes.Node, kind: str) -> nodes.Element:
    """Return ``content`` behind a ``line`` that opens it."""
    summary = make("summary", make("span", nodes.Text(line)))
    return make("details", summary, *content, class_=f"fold {kind}")


def marked(block: nodes.literal_block, text: str) -> nodes.literal_block:
    """Return a block of code like ``block`` that holds ``text``."""
    return nodes.literal_block(text, text, **block.non_default_attributes())


class Fold(SphinxPostTransform):
    """Fold the code of cells, before MyST-NB would do so in its own way."""

    default_priority = 190
    formats = ("html",)

    def run(self) -> None:
        """Replace what each cell of code holds."""
        for cell in list(self.document.findall(nodes.container)):
            if cell.get("nb_element") != "cell_code":
                continue
            parts = {part.get("nb_element"): part for part in cell.children}
            code = parts.get("cell_code_source")
            if code is None:
                continue
            block = next(iter(code.findall(nodes.literal_block)))
            mode = cell.attributes.pop("hide_mode", None)
            if mode == "all":
                line = what(block.astext()) or "Checked"
                cell.children = [fold(line, *cell.children, kind="check")]
            elif mode == "input":
                cell.remove(code)
                cell.append(fold("Code", code, kind="source"))
            else:
                self.fold_checks(cell, code, block)

    def fold_checks(
        self,
        cell: nodes.container,
        code: nodes.container,
        block: nodes.literal_block,
    ) -> None:
        """Move the checks at the end of a cell's code below its output."""
        shown, checks = split(block.astext())
        if not checks:
            return
        line = what(checks) or "Checked"
        box = nodes.container(classes=["cell_input"])
        box += marked(block, checks)
        cell.append(fold(line, box, kind="check"))
        if shown:
            block.replace_self(marked(block, shown))
        else:
            cell.remove(code)


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the transform."""
    app.add_post_transform(Fold)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
