"""Set up the course's environment and do one of its tasks, with nothing but Python: ``python make.py book``.

This file is run by whatever Python there is, so it keeps to the standard library and to old syntax.
"""

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
STAMP = VENV / "installed"
HTML = ROOT / "_build" / "html"
PDF = ROOT / "_build" / "book.pdf"
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "chrome")
OLDEST = (3, 11)


class Stop(Exception):
    """Something is missing or failed; the message is all that the user has to read."""


def run(*command, **variables):
    """Run a command at the root with the environment's programs first; stop here if it fails."""
    path = str(BIN) + os.pathsep + os.environ.get("PATH", "")
    program = shutil.which(command[0], path=path) or command[0]
    code = subprocess.call([program] + list(command[1:]), cwd=str(ROOT), env={**os.environ, "PATH": path, **variables})
    if code:
        raise Stop("'{}' ended with exit status {}".format(" ".join(command), code))


def setup():
    """Make .venv and install what requirements.txt and pyproject.toml ask for, unless that is done already."""
    wanted = b"".join((ROOT / name).read_bytes() for name in ("requirements.txt", "pyproject.toml"))
    wanted = hashlib.sha256(wanted + sys.version.encode()).hexdigest()
    if STAMP.exists() and STAMP.read_text() == wanted:
        return
    try:
        import ensurepip  # noqa: F401  (venv needs it, and Debian packs it apart)
        import venv
    except ImportError:
        version = "{}.{}".format(*sys.version_info)
        raise Stop("Python has no venv module; on Debian or Ubuntu: apt install python{}-venv".format(version))
    print("Setting up .venv (once, a few minutes)", flush=True)
    made_by = VENV / "pyvenv.cfg"
    ours = made_by.exists() and "version = {}.{}.".format(*sys.version_info) in made_by.read_text()
    if not (ours and shutil.which("pip", path=str(BIN))):
        venv.create(str(VENV), with_pip=True, clear=True, symlinks=os.name != "nt")
    quiet = [] if sys.stdout.isatty() else ["--quiet"]
    try:
        run("python", "-m", "pip", "install", *quiet, "--disable-pip-version-check", "-r", "requirements.txt")
    except Stop:
        raise Stop("the packages could not be installed: see pip's message above; is there a network?")
    STAMP.write_text(wanted)


def book(arguments):
    """build the book, strictly, into _build/html"""
    shutil.rmtree(str(ROOT / "_build"), ignore_errors=True)
    run("jupyter-book", "build", "-W", "-n", "--keep-going", ".")
    print("\nThe book: {}".format((HTML / "index.html").as_uri()))


def outdated():
    """Return whether the book is missing or older than one of its sources."""
    page = HTML / "index.html"
    if not page.exists():
        return True
    sources = [ROOT / "_config.yml", ROOT / "_toc.yml"]
    for name in ("book", "exercises", "rnncourse"):
        for path in (ROOT / name).rglob("*.*"):
            if not any(part.startswith((".", "__pycache__")) for part in path.relative_to(ROOT).parts):
                sources.append(path)
    return any(path.stat().st_mtime > page.stat().st_mtime for path in sources)


def pdf(arguments):
    """print the book into one file, _build/book.pdf, with Chromium; build it first if it is out of date"""
    program = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if program is None:
        raise Stop("no Chromium; on Debian or Ubuntu: apt install chromium")
    if outdated():
        book([])
    run("python", "book/pdf.py", program)
    print("\nThe book: {}".format(PDF.as_uri()))


def test(arguments):
    """check style and types, build the book if it is missing, run every test and every notebook"""
    run("ruff", "check", ".")
    run("ruff", "format", "--check", ".")
    run("pyrefly", "check")
    if not arguments or not HTML.exists():
        book([])
    run("python", "-m", "pytest", *arguments)


def notebooks(arguments):
    """release the exercises and re-execute every notebook (or those named), so that their outputs are true"""
    run("rnncourse", "release")
    run("rnncourse", "execute", *arguments)


def scoreboard(arguments):
    """train the scoreboard's models whose settings have changed (or those of: --only NAME), and execute its chapter"""
    run("rnncourse", "train", *arguments)
    run("rnncourse", "execute", "book/scoreboard.ipynb")


def bench(arguments):
    """measure speed and memory of the layers beside torch.nn, into benchmarks/results.md"""
    run("python", "benchmarks/torch_nn.py", *arguments)


def lab(arguments):
    """open Jupyter on the exercises"""
    run("jupyter", "lab", *(arguments or ["exercises"]))


def clean(arguments):
    """remove what was built, and the environment"""
    for folder in (ROOT / "_build", VENV):
        shutil.rmtree(str(folder), ignore_errors=True)


TASKS = {task.__name__: task for task in (book, pdf, test, notebooks, scoreboard, bench, lab, clean)}


def main():
    listing = "\n".join("  {:<10} {}".format(name, task.__doc__) for name, task in TASKS.items())
    parser = argparse.ArgumentParser(
        usage="make TASK, or python make.py TASK [ARGUMENT ...]",
        description="tasks:\n" + listing,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("task", nargs="?", choices=list(TASKS), help=argparse.SUPPRESS)
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help="what the task's own program gets")
    options = parser.parse_args()
    if not options.task:
        parser.print_help()
        return
    if sys.version_info < OLDEST:
        raise Stop("Python {}.{} or newer is needed, but this is {}.{}".format(*OLDEST, *sys.version_info[:2]))
    if options.task != "clean":
        setup()
    TASKS[options.task](options.arguments)


if __name__ == "__main__":
    try:
        main()
    except Stop as stop:
        sys.exit("make: {}".format(stop))
    except KeyboardInterrupt:
        sys.exit("\nmake: interrupted")
