"""The package's own code on a page: what the reader sees is what runs."""

import ast
import inspect
import textwrap
from collections.abc import Callable

from IPython.display import Markdown


def listing(*functions: Callable) -> Markdown:
    """Show the code of ``functions`` as it stands in the package, without decorators, types and docstrings."""
    return Markdown("```python\n" + "\n\n\n".join(map(_source, functions)) + "\n```")


def _source(function: Callable) -> str:
    function = inspect.unwrap(function)
    source = textwrap.dedent(inspect.getsource(function))
    [definition] = ast.parse(source).body
    assert isinstance(definition, ast.FunctionDef)
    body = definition.body[1:] if ast.get_docstring(definition) else definition.body
    parameters = [
        parameter.name
        if parameter.default is parameter.empty
        else f"{parameter.name}={parameter.default!r}".replace("'", '"')
        for parameter in inspect.signature(function).parameters.values()
    ]
    heading = f"def {function.__name__}({', '.join(parameters)}):"
    if len(heading) > 79:  # as long as a line of code in the book is
        heading = textwrap.fill(heading, 79, subsequent_indent=" " * (heading.index("(") + 1))
    return "\n".join([heading, *source.splitlines()[body[0].lineno - 1 :]])
