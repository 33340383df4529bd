"""The command line: ``rnncourse --help``."""

import os
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from nbclient.exceptions import CellExecutionError, CellTimeoutError
from rich.console import Console
from rich.markup import escape
from rich.progress import MofNCompleteColumn, Progress, track
from rich.table import Table

from rnncourse import notebooks
from rnncourse.grading.release import has_answers, nbgrader_source, starter

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from rnncourse.grading.judge.plan import Plan
    from rnncourse.scoreboard.texts import Texts

app = typer.Typer(no_args_is_help=True, invoke_without_command=True)
console = Console(stderr=True, highlight=False)

UNPROTECTED = 3  # exit status: students' code would not be confined
CORES = os.cpu_count() or 1
LISTED = 10  # files with one reason why they are not graded
Jobs = Annotated[int, typer.Option(min=1, help="Trainings at a time.")]
Dask = Annotated[str | None, typer.Option(help="Address of a Dask scheduler whose workers train.")]


def fail(message: str) -> typer.Exit:
    """Print what went wrong, and return the exception that ends the command with exit status 1."""
    console.print(f"[red]error:[/red] {message}", markup=True, soft_wrap=True)
    return typer.Exit(1)


@app.callback()
def main(
    version: Annotated[bool, typer.Option("--version", is_eager=True, help="Print the version and exit.")] = False,
) -> None:
    """Tools of the course on recurrent neural networks."""
    if version:
        typer.echo(f"rnncourse {metadata.version('rnncourse')}")
        raise typer.Exit


@app.command()
def release(
    folder: Annotated[Path, typer.Argument(help="Folder of the exercises.")] = Path("exercises"),
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Also starters with answers in them, of all topics.")
    ] = False,
    nbgrader: Annotated[
        Path | None,
        typer.Option(
            metavar="COURSE", help="In place of starters, write source/TOPIC/TOPIC.ipynb into this folder for nbgrader."
        ),
    ] = None,
) -> None:
    """Make each exercise's starter.ipynb from its solution.ipynb."""
    sources = sorted(folder.glob("*/solution.ipynb"))
    if not sources:
        raise fail(escape(f"no */solution.ipynb in {folder}"))
    if nbgrader:
        return release_for_nbgrader(sources, nbgrader)
    kept: list[Path] = []
    for source in sources:
        target = source.with_name("starter.ipynb")
        try:
            fresh = starter(notebooks.read(source))
        except ValueError as error:
            raise fail(escape(f"{source}: {error}")) from None
        try:
            if not overwrite and target.exists() and has_answers(notebooks.read(target), fresh):
                kept.append(target)
                continue
            changed = notebooks.write(fresh, target)
        except ValueError as error:
            raise fail(escape(f"{error}; --overwrite replaces it")) from None
        console.print(escape(f"{target}: {'written' if changed else 'unchanged'}"))
    if kept:
        console.print(escape(f"left alone, since there are answers in it: {', '.join(map(str, kept))} (see --help)"))


def release_for_nbgrader(sources: list[Path], course: Path) -> None:
    """Write a source for nbgrader for each of the ``sources``."""
    for source in sources:
        target = course / "source" / source.parent.name / f"{source.parent.name}.ipynb"
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            changed = notebooks.write(nbgrader_source(notebooks.read(source)), target)
        except ValueError as error:
            raise fail(escape(f"{source}: {error}")) from None
        except OSError as error:
            raise fail(escape(f"{target} cannot be written: {error.strerror}")) from None
        console.print(escape(f"{target}: {'written' if changed else 'unchanged'}"))


@app.command()
def execute(
    paths: Annotated[list[Path] | None, typer.Argument(help="Notebooks; all of the course if none is given.")] = None,
    timeout: Annotated[int, typer.Option(help="Seconds for one cell.")] = 600,
) -> None:
    """Run notebooks from top to bottom and store their outputs."""
    chosen = paths or sorted([*Path("book").glob("*.ipynb"), *Path("exercises").glob("*/solution.ipynb")])
    if not chosen:
        raise fail("no notebooks in book/ or exercises/ here")
    if unfit := [str(path) for path in chosen if not path.is_file()]:
        raise fail(escape(f"no notebook: {', '.join(unfit)}"))
    for path in track(chosen, "Executing", console=console):
        try:
            changed = notebooks.execute(path, timeout)
        except (ValueError, CellExecutionError, CellTimeoutError) as error:
            raise fail(f"{path} is left as it was: {error}") from None
        console.print(f"{path}: {'outputs changed' if changed else 'unchanged'}")


@app.command()
def grade(
    submissions: Annotated[Path, typer.Argument(help="A notebook, a folder of notebooks, or a zip file of an LMS.")],
    topic: Annotated[str, typer.Option(help="Name of the exercises' folder, such as rnn.")],
    csv: Annotated[Path, typer.Option(help="File to write the grades to.")] = Path("grades.csv"),
    folder: Annotated[Path, typer.Option(help="Folder of the exercises, with your hidden checks, if any.")] = Path(
        "exercises"
    ),
    feedback: Annotated[Path | None, typer.Option(help="Folder for a page of feedback for each student.")] = None,
    junit: Annotated[Path | None, typer.Option(help="File for the results as JUnit XML.")] = None,
    report: Annotated[Path | None, typer.Option(help="File for a page on the class, as HTML.")] = None,
    roster: Annotated[
        Path | None, typer.Option(help="Students as the LMS exports them, in CSV; a copy with the marks is written.")
    ] = None,
    column: Annotated[str | None, typer.Option(help="Column of the roster that gets the marks.")] = None,
    student: Annotated[
        str | None,
        typer.Option(
            metavar="PATTERN",
            help="Regular expression for the beginning of a file's name, with groups (?P<name>...) and (?P<id>...).",
        ),
    ] = None,
    overrides: Annotated[
        Path | None,
        typer.Option(
            help="CSV file of points given by hand: who, exercise, points, reason. "
            "By default overrides.csv beside the folder or zip file, if there is one."
        ),
    ] = None,
    gradescope: Annotated[
        Path | None, typer.Option(help="File results.json for Gradescope's autograder, of the only submission.")
    ] = None,
    jobs: Annotated[int, typer.Option(min=1, help="Judges at a time.")] = os.cpu_count() or 1,
    fast: Annotated[bool, typer.Option("--fast", help="Without nbval and its kernel; the same marks.")] = False,
    dask: Annotated[str | None, typer.Option(help="Address of a Dask scheduler whose workers grade.")] = None,
    trust: Annotated[
        bool, typer.Option("--trust", help="Grade also where students' code is not confined (see doctor).")
    ] = False,
) -> None:
    """Grade submissions; a run that was interrupted goes on where it stopped.

    The exit status is 3 if students' code would not be confined here, and --trust is not given.
    """
    if not hasattr(os, "fork"):
        raise fail("grading needs Linux or macOS; on Windows, use WSL")
    from rnncourse.grading.judge import run
    from rnncourse.grading.judge.gradebook import Gradebook, hardest
    from rnncourse.grading.judge.judge import JudgeUnprotected, longest_seconds
    from rnncourse.grading.judge.marks import changes
    from rnncourse.grading.judge.plan import ANYBODY, make_plan
    from rnncourse.grading.judge.reports import Reports
    from rnncourse.grading.judge.reports.grades_csv import read_csv
    from rnncourse.grading.judge.reports.gradescope import write_nothing
    from rnncourse.grading.judge.submissions import NothingHandedIn
    from rnncourse.grading.sandbox.launcher import missing, protections

    reports = Reports(csv, junit, feedback, gradescope, report)
    beside = submissions.resolve().parent / "overrides.csv"
    if not overrides and not gradescope and beside.is_file() and submissions.suffix.lower() != ".ipynb":
        overrides = beside
        console.print(escape(f"points given by hand: {beside}"))
    try:
        sheet = run.find_sheet(folder, topic)
        reports.prepare(submissions)
        plan = make_plan(sheet, submissions, ANYBODY if gradescope else student, overrides, roster, column)
        handed_in = plan.submissions
        gradebook = Gradebook(csv.with_name(csv.name + ".done"), sheet, handed_in)
    except (OSError, ValueError) as error:
        if gradescope and isinstance(error, NothingHandedIn):
            write_nothing(gradescope, str(error))  # or the student would read that the autograder failed
        raise fail(escape(str(error))) from None
    entered = csv.with_name(f"{csv.stem}-import.csv")
    warn_of(plan)
    if not dask and (lacking := missing(protections())):
        console.print(f"[red]not sandboxed:[/red] it is not true here that a notebook {'; '.join(lacking)}")
        if not trust:
            fail("nothing is graded; use Linux 5.13 or newer, or --trust if you trust all that was handed in")
            raise typer.Exit(UNPROTECTED)
    if handed_in and not dask:
        span = timedelta(seconds=longest_seconds(len(handed_in), min(jobs, len(handed_in))))
        console.print(f"grading takes at most {span} (h:mm:ss), even if all are stopped as late as can be")
    done = sum(map(gradebook.is_done, handed_in))
    if done:
        console.print(f"going on: {done} of {len(handed_in)} are graded already")
    hidden = run.hidden_places(sheet, submissions)
    for ending in (signal.SIGTERM, signal.SIGHUP):  # asked to end, or the terminal has gone
        signal.signal(ending, signal.default_int_handler)
    kept = "what is graded is kept: the same command goes on from there"
    try:
        seed = gradebook.keep_seed(run.seed_of(sheet, handed_in))
        with (
            run.open_judge(sheet, seed, hidden, jobs, fast, dask, trust) as judge,
            Progress(*Progress.get_default_columns(), MofNCompleteColumn(), console=console) as progress,
        ):
            task = progress.add_task("Grading", total=len(handed_in), completed=done)

            def retry(count: int) -> None:
                progress.console.print(f"{count} of them took too long, or ended: once more, one at a time")

            run.grade(judge, gradebook, handed_in, lambda: progress.advance(task), retry)
        marks = plan.decide(gradebook.results)
        before = read_csv(csv, marks)
        if plan.roster:
            for line in plan.write_roster(entered, marks):
                console.print(escape(f"{entered}: {line}"))
        reports.write(sheet, handed_in, gradebook.results, marks, plan.passed_over)
    except JudgeUnprotected as error:
        fail(escape(f"{error}\nuse Linux 5.13 or newer, or --trust if you trust all that was handed in"))
        raise typer.Exit(UNPROTECTED) from None
    except RuntimeError as error:
        raise fail(escape(f"{error}\n{kept}")) from None
    except KeyboardInterrupt:
        fail(f"interrupted; {kept}")
        raise typer.Exit(130) from None
    if handed_in and all(verdict.undefined for verdicts in gradebook.results.values() for verdict in verdicts.values()):
        console.print(f"[red]nobody wrote any of the functions of {topic}:[/red] is --topic right?")
    console.print(f"{len(handed_in)} submission{'s' * (len(handed_in) != 1)}, hardest checks first:")
    table = Table("check", "passed")
    for name, passed in hardest(sheet, gradebook.results):
        table.add_row(name, f"{passed}")
    console.print(table)
    if changed := changes(before, marks) if before is not None else []:
        console.print(escape("Changed since the last time:\n" + "\n".join(changed)))
    console.print(escape(f"Grades: {csv}" + (f"; for the LMS: {entered}" if plan.roster else "")))
    gradebook.path.unlink(missing_ok=True)


def warn_of(plan: "Plan") -> None:
    """Say what an instructor might overlook: files passed over, students of one name, doubts about the roster."""

    by_reason: dict[str, list[str]] = {}
    for file in plan.passed_over:
        by_reason.setdefault(file.reason, []).append(file.file)
    for reason, files in by_reason.items():
        more = f" and {len(files) - LISTED} more, which --report lists" if len(files) > LISTED else ""
        console.print(escape(f"not graded ({reason}): {', '.join(files[:LISTED])}{more}"))
    counts = Counter((mark.student, mark.id) for mark in plan.marks)
    if repeated := sorted(student for (student, _), count in counts.items() if count > 1):
        console.print(escape(f"more than one row, since they may be different students: {', '.join(repeated)}"))
    for doubt in plan.matches.doubts:
        console.print(f"[red]roster:[/red] {escape(doubt)}")


@app.command()
def train(
    settings: Annotated[Path, typer.Argument(help="TOML file that describes the models.")] = Path(
        "book/scoreboard.toml"
    ),
    only: Annotated[list[str] | None, typer.Option(help="Name of a model; can be given more than once.")] = None,
    jobs: Jobs = CORES,
    dask: Dask = None,
) -> None:
    """Train the scoreboard's models and score them on test text.

    A run that was interrupted goes on after its last whole pass over the text. Scores go to the file of the same name
    that ends in .csv, weights to the folder weights beside it. What is there already is trained again only if its
    settings have changed; --only leaves all others as they are.
    """
    from rnncourse.scoreboard import Table, read_settings

    try:
        models = read_settings(settings)
        table = Table(settings, models)
        missing = table.missing(set(only or models))
    except (OSError, ValueError) as error:
        raise fail(escape(str(error))) from None
    if unknown := set(only or ()) - models.keys():
        raise fail(escape(f"no model {', '.join(sorted(unknown))}; there are {', '.join(models)}"))

    def runs(texts: "Texts", workers: "Executor") -> Iterator[str]:
        for row in table.run(missing, texts, workers):
            yield f"{row.model}, seed {row.seed}: perplexity {row.perplexity:.3f} after {row.seconds:.0f} s"

    if missing:
        _follow(runs, "Training", 0, len(missing), jobs, dask)
    console.print(f"{'Nothing to do. ' if not missing else ''}Scores: {table.path}")


@app.command()
def search(
    space: Annotated[Path, typer.Argument(help="TOML file that says what is tried.")] = Path("book/search.toml"),
    jobs: Jobs = CORES,
    dask: Dask = None,
) -> None:
    """Search for the settings of the scoreboard's models, by their perplexity on validation text.

    Every run is a line of the file of the same name that ends in .csv; what stands there is not run again. A run that
    was interrupted goes on after its last whole pass over the text.
    """
    from rnncourse.scoreboard import Search, Space

    try:
        trials = Search(Space(space))
        done = trials.made()
    except (OSError, ValueError) as error:
        raise fail(escape(str(error))) from None

    def runs(texts: "Texts", workers: "Executor") -> Iterator[str]:
        for trial in trials.run(texts, workers):
            yield (
                f"{trial.kind} {trial.number}, {trial.epochs} passes: perplexity {trial.perplexity:.3f} "
                f"after {trial.seconds:.0f} s, {trial.drawn}"
            )

    _follow(runs, "Searching", done, trials.planned(), jobs, dask)
    best = Table("kind", "perplexity", "passes", "settings")
    for kind in trials.space.kinds:
        trial = trials.best(kind)
        best.add_row(kind, f"{trial.perplexity:.3f}", f"{trial.epochs}", trial.drawn)
    console.print(best)


def _follow(
    runs: Callable[["Texts", "Executor"], Iterator[str]],
    task: str,
    done: int,
    total: int,
    jobs: int,
    dask: str | None,
) -> None:
    """Make ``runs``, and show what each came to."""
    from rnncourse.scoreboard.texts import Texts
    from rnncourse.scoreboard.workers import open_workers

    try:
        with (
            open_workers(jobs, dask) as workers,
            Progress(*Progress.get_default_columns(), MofNCompleteColumn(), console=console) as progress,
        ):
            bar = progress.add_task(task, total=total, completed=done)
            for line in runs(Texts(), workers):
                progress.console.print(line, soft_wrap=True)
                progress.advance(bar)
    except FloatingPointError as error:
        raise fail(f"{error}; a smaller lr or theta may help") from None
    except RuntimeError as error:
        raise fail(escape(str(error))) from None
    except KeyboardInterrupt:
        fail("interrupted; the same command goes on after the last whole pass of each run")
        raise typer.Exit(130) from None


@app.command()
def doctor() -> None:
    """Say which protections of the grader this machine offers."""
    from rnncourse.grading.sandbox.launcher import protections

    existing = protections()
    for protection, exists in existing.items():
        answer = "[green]yes[/green]" if exists else "[red]no [/red]"
        console.print(f"{answer}  a student's notebook {protection}", soft_wrap=True)
    if not all(existing.values()):
        raise fail("grade only notebooks that you trust here, or use Linux 5.13 or newer, outside of a container")
