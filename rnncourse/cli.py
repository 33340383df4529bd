"""The command line: ``rnncourse --help``."""

from pathlib import Path
from typing import Annotated

import typer
from nbclient.exceptions import CellExecutionError, CellTimeoutError
from rich.console import Console
from rich.progress import track

from rnncourse import notebooks
from rnncourse.grading.release import starter

app = typer.Typer(help="Tools of the course on recurrent neural networks.", no_args_is_help=True)
console = Console(stderr=True, highlight=False)


def fail(message: str) -> typer.Exit:
    """Print what went wrong, and return the exception that ends the command with exit status 1."""
    console.print(f"[red]error:[/red] {message}", markup=True, soft_wrap=True)
    return typer.Exit(1)


@app.command()
def release(folder: Annotated[Path, typer.Argument(help="Folder of the exercises.")] = Path("exercises")) -> None:
    """Make each exercise's starter.ipynb from its solution.ipynb."""
    sources = sorted(folder.glob("*/solution.ipynb"))
    if not sources:
        raise fail(f"no */solution.ipynb in {folder}")
    for source in sources:
        target = source.with_name("starter.ipynb")
        try:
            changed = notebooks.write(starter(notebooks.read(source)), target)
        except ValueError as error:
            raise fail(f"{source}: {error}") from None
        console.print(f"{target}: {'written' if changed else 'unchanged'}")


@app.command()
def execute(
    paths: Annotated[list[Path] | None, typer.Argument(help="Notebooks; all of the course if none is given.")] = None,
    timeout: Annotated[int, typer.Option(help="Seconds for one cell.")] = 600,
) -> None:
    """Run notebooks from top to bottom and store their outputs."""
    found = paths or sorted([*Path("book").glob("*.ipynb"), *Path("exercises").glob("*/solution.ipynb")])
    if not found:
        raise fail("no notebooks in book/ or exercises/ here")
    for path in track(found, "Executing", console=console):
        try:
            changed = notebooks.execute(path, timeout)
        except FileNotFoundError:
            raise fail(f"{path} does not exist") from None
        except (ValueError, CellExecutionError, CellTimeoutError) as error:
            raise fail(f"{path} is left as it was: {error}") from None
        console.print(f"{path}: {'outputs changed' if changed else 'unchanged'}")
