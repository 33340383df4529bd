"""Set up the course's environment and do one of its tasks, with nothing but Python: ``python make.py book``.

This file is run by whatever Python there is, so it keeps to the standard library and to old syntax.
"""

import argparse
import ast
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

UV = "uv==0.13.9"
UV_OPTIONS = {  # by the names of pip's settings, each of which may hold several values
    "index-url": "--index-url",
    "extra-index-url": "--extra-index-url",
    "find-links": "--find-links",
    "constraint": "--constraints",
    "trusted-host": "--allow-insecure-host",
}


class Stop(Exception):
    """Something is missing or failed; the message is all that the user has to read."""


def run(*command, **variables):
    """Run a command at the root with the environment's programs first; stop here if it fails."""
    path = str(BIN) + os.pathsep + os.environ.get("PATH", "")
    program = shutil.which(command[0], path=path) or command[0]
    environment = {**os.environ, "PATH": path, **variables}
    # uv leaves it to the first import to compile a package; where that is not kept, each program would start slowly.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    code = subprocess.call([program] + list(command[1:]), cwd=str(ROOT), env=environment)
    if code:
        raise Stop("'{}' ended with exit status {}".format(" ".join(command), code))


def pip(*arguments):
    """Run the environment's pip."""
    run("python", "-m", "pip", "--disable-pip-version-check", *arguments)


def pip_settings():
    """Return what pip is configured with, by its files and by variables such as PIP_INDEX_URL."""
    python = shutil.which("python", path=str(BIN))
    listing = subprocess.check_output([python, "-m", "pip", "config", "list"], universal_newlines=True)
    settings = {}
    for section in ("global.", "install.", ":env:."):  # a later one has priority, as in pip
        for line in listing.splitlines():
            name, _, value = line.partition("=")
            if name.startswith(section):
                settings[name[len(section) :]] = ast.literal_eval(value)
    return settings


def uv_options(settings):
    """Translate pip's settings: uv reads neither its files nor its variables."""
    options = []
    for name, option in UV_OPTIONS.items():
        for value in settings.get(name, "").split():
            options += [option, value]
    if settings.get("no-index", "").lower() in ("1", "true", "yes", "on"):
        options.append("--no-index")
    # Of several places to look, pip takes the newest version that any of them has; uv wants to be asked for it.
    return options + ["--index-strategy=unsafe-best-match"]


def install_with_uv(quiet):
    """Install the requirements in seconds, from the places that pip is configured with."""
    pip("install", "-qq", UV)
    settings = pip_settings()
    command = ["uv", "pip", "install", "--python", str(VENV), "-r", "requirements.txt"] + quiet + uv_options(settings)
    variables = {"SSL_CERT_FILE": settings["cert"]} if "cert" in settings else {}
    if not settings.keys() & {"index-url", "extra-index-url", "find-links", "no-index"}:
        # PyTorch's own index has a build for each kind of GPU, and one of a tenth of the size for no GPU.
        try:
            return run(*command, "--torch-backend=auto", **variables)
        except Stop:
            print("PyTorch's own index did not work; PyPI's build of PyTorch is installed instead", flush=True)
    return run(*command, **variables)


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
    print("Setting up .venv (once, a minute or a few)", flush=True)
    config = VENV / "pyvenv.cfg"
    usable = config.exists() and "version = {}.{}.".format(*sys.version_info) in config.read_text()
    if not (usable and shutil.which("pip", path=str(BIN))):
        venv.create(str(VENV), with_pip=True, clear=True, symlinks=os.name != "nt")
    quiet = [] if sys.stdout.isatty() else ["--quiet"]
    try:
        install_with_uv(quiet)
    except (Stop, OSError, subprocess.CalledProcessError):
        print("uv did not work; pip installs the packages instead, which takes longer", flush=True)
        try:
            pip("install", *quiet, "-r", "requirements.txt")
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


def style():
    """Check style and types."""
    run("ruff", "check", ".")
    run("ruff", "format", "--check", ".")
    run("pyrefly", "check")


def quick(arguments):
    """check style and types, run the tests that take no minute: no notebook, no browser, no new environment"""
    style()
    run("python", "-m", "pytest", "tests", "-m", "not browser and not slow", *arguments)


def test(arguments):
    """check style and types, build the book if it is missing, run every test and every notebook"""
    style()
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
    """open Jupyter at the course's root, on the exercises; the chapters are beside them, in book"""
    # Figures are shown, and move, only in notebooks that the user trusts; these come with the course.
    run("jupyter", "trust", *[str(path.relative_to(ROOT)) for path in sorted((ROOT / "book").glob("*.ipynb"))])
    # The type checker is a language server, too: it would take half a gigabyte, and write at each save, for nobody.
    options = ["--LabApp.default_url=/lab/tree/exercises", "--LanguageServerManager.autodetect=False"]
    run("jupyter", "lab", *(arguments or [".", *options]))


def clean(arguments):
    """remove what was built, and the environment"""
    for folder in (ROOT / "_build", VENV):
        shutil.rmtree(str(folder), ignore_errors=True)


TASKS = {task.__name__: task for task in (book, pdf, quick, test, notebooks, scoreboard, bench, lab, clean)}


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
