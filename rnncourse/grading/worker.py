"""The student's process: NumPy and torch are imported once, a zygote is forked for each judge, and from it a confined
worker for each submission.

Run as ``python -P -m rnncourse.grading.worker FD PARENT HIDDEN...``. It knows neither checks nor solutions, and imports
nothing that does: its memory is the student's.
"""

import __future__

import ast
import contextlib
import gc
import inspect
import linecache
import os
import signal
import socket
import sys
import types
from collections.abc import Callable
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any

from rnncourse.grading import confine, hugepages

CELL = "<cell "  # begins the file name that a cell has in a traceback
MESSAGE = 500  # characters of an error's message


def start(listener: socket.socket, grader: int, hidden: tuple[Path, ...]) -> None:
    """Leave what a student's process has no business with, then fork a zygote for each judge that calls.

    Ends with the process ``grader``, its parent, even if that has ended already.
    """
    left = confine.leave()
    if left:  # the fork is the first in the new namespace: when it ends, so does all that it started
        pid = os.fork()
        if pid:
            listener.close()
            confine.die_with_parent()
            if os.getppid() != grader:
                os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            os._exit(0)
    confine.die_with_parent()
    if not left and os.getppid() != grader:
        return
    import numpy  # noqa: F401  (these imports take seconds: once for all)
    import torch
    from IPython.core.inputtransformer2 import TransformerManager  # noqa: F401

    from rnncourse.grading import wire  # noqa: F401

    # What torch looks up when it first calculates, it looks up now; from one thread, which a fork does not lose.
    for number in (torch.float32, torch.float64):
        a = torch.ones(2, 2, dtype=number)
        torch.stack([a @ a, a + a]).tanh().softmax(0).sum()
    confine.readable_paths(hidden)  # looked up once, for all workers
    gc.collect()
    gc.freeze()  # so that a worker's collector does not write into, and copy, every page of memory
    hugepages.collapse()
    while True:
        control, _ = listener.accept()
        if os.fork() == 0:
            confine.die_with_parent()
            listener.close()
            zygote(control, hidden, left)
            os._exit(0)
        control.close()
        with contextlib.suppress(ChildProcessError):
            os.waitpid(-1, os.WNOHANG)  # of a judge that has hung up


def zygote(control: socket.socket, hidden: tuple[Path, ...], left: bool) -> None:
    """Fork a worker for each connection that arrives; ``kill PID`` ends one. Until the judge hangs up."""
    fork: Callable[[], int] = confine.Forks().fork if left else os.fork
    while True:
        message, handles, _, _ = socket.recv_fds(control, 4096, 1)
        if not message:
            return
        word, _, argument = message.decode().partition(" ")
        if word == "kill":
            with contextlib.suppress(ProcessLookupError, ChildProcessError):
                os.kill(int(argument), signal.SIGKILL)
                os.waitpid(int(argument), 0)  # only now can its number be another's
            control.send(b"done")
            continue
        if word == "plots":
            import matplotlib.pyplot  # noqa: F401  (once for all from now on)
        pid = fork()
        if pid == 0:
            control.close()
            enter(socket.socket(fileno=handles[0]), Path(argument), hidden, left)
        os.close(handles[0])
        control.send(str(pid).encode())


def enter(connection: socket.socket, box: Path, hidden: tuple[Path, ...], left: bool) -> None:
    """Become a confined worker in the folder ``box``, and never return."""
    try:
        nothing = os.open(os.devnull, os.O_RDWR)
        for standard in (0, 1, 2):
            os.dup2(nothing, standard)
        os.closerange(3, connection.fileno())
        os.closerange(connection.fileno() + 1, 4096)
        here = str(box)
        os.environ.update(HOME=here, TMPDIR=here, MPLCONFIGDIR=here)
        os.environ.update(TORCHDYNAMO_DISABLE="1")  # torch.compile would need a compiler
        found = confine.confine(box, hidden, left)
        serve(connection, found)
    finally:
        os._exit(0)


def serve(connection: socket.socket, protections: dict[str, bool]) -> None:
    """Execute cells and call functions, as the judge asks, until it hangs up."""
    from rnncourse.grading.wire import pack, receive, send, unpack

    for name in [name for name in sys.modules if name.partition(".")[0] == "rnncourse"]:
        del sys.modules[name]
    sys.meta_path.insert(0, StandIns())
    sys.path.insert(0, os.getcwd())  # as in Jupyter: a notebook may write a module beside it
    main = types.ModuleType("__main__")
    sys.modules["__main__"] = main
    notebook = Notebook(main.__dict__)
    send(connection, pack(protections))
    while True:
        request = unpack(receive(connection))
        try:
            if "cell" in request:
                notebook.run(request["cell"], request["number"])
                reply: dict[str, Any] = {"result": None}
            else:
                arguments = request["arguments"]
                result = getattr(main, request["call"])(*arguments)
                reply = {"result": result, "arguments": arguments}
            message = pack({**reply, "id": request["id"]})
        except BaseException as error:  # also SystemExit and KeyboardInterrupt, which are the student's here
            message = pack({**_error(error), "id": request["id"]})
        send(connection, message)


def _error(error: BaseException) -> dict[str, str]:
    line = _line(error.__traceback__)
    try:
        if isinstance(error, SyntaxError) and str(error.filename).startswith(CELL):
            error, line = SyntaxError(error.msg), _clean(str(error.text))
        text = _clean(str(error))
    except BaseException:
        text = ""
    return {"error": type(error).__name__[:80], "message": text, "line": line}


def _clean(text: str) -> str:
    return text.strip()[:MESSAGE].encode(errors="replace").decode()


def _line(trace: types.TracebackType | None) -> str:
    """Return the last line of the notebook that ``trace`` went through."""
    line = ""
    while trace is not None:
        name = trace.tb_frame.f_code.co_filename
        line = linecache.getline(name, trace.tb_lineno) if name.startswith(CELL) else line
        trace = trace.tb_next
    return _clean(line)


def _line_number(trace: types.TracebackType | None, name: str) -> int | None:
    """Return the line of the cell ``name`` at which the statement failed that ``trace`` comes from."""
    while trace is not None:
        code = trace.tb_frame.f_code
        if code.co_filename == name and code.co_name == "<module>":
            return trace.tb_lineno
        trace = trace.tb_next
    return None


def _begin(statement: ast.stmt) -> int:
    decorators = getattr(statement, "decorator_list", [])
    return min(part.lineno for part in (statement, *decorators))


class Notebook:
    """Executes cells in ``names``; stands in for IPython, so that its commands do no harm and no good."""

    def __init__(self, names: dict[str, Any]) -> None:
        self._names, self._flags, self._name = names, 0, ""
        names.update(get_ipython=lambda: self, display=lambda *_, **__: None)

    def run(self, source: str, number: int) -> None:
        """Execute cell ``number``, IPython's commands in it as calls of the methods below.

        A statement that fails costs only itself: it may ask for what is not there while an exercise is graded.

        Raises:
            BaseException: what the first of the statements that failed raised.
        """
        self._name = name = f"{CELL}{number + 1}>"
        linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)  # for inspect.getsource
        self._execute(source)

    def _execute(self, source: str) -> None:
        try:
            tree = ast.parse(source, self._name)
        except SyntaxError:
            from IPython.core.inputtransformer2 import TransformerManager

            tree = ast.parse(TransformerManager().transform_cell(source), self._name)
        for part in tree.body:  # which holds for the cells after it, too
            if isinstance(part, ast.ImportFrom) and part.module == "__future__":
                self._flags |= sum(getattr(__future__, one.name).compiler_flag for one in part.names)
        first = None
        while tree.body:
            try:
                self._execute_tree(tree)
                break
            except Exception as error:
                first = first or error
                line = _line_number(error.__traceback__, self._name)
                tree.body = [part for part in tree.body if line is not None and _begin(part) > line]
        if first is not None:
            raise first

    def _execute_tree(self, tree: ast.Module) -> None:
        code = compile(tree, self._name, "exec", self._flags | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        if code.co_flags & inspect.CO_COROUTINE:
            cell = eval(code, self._names)
            with contextlib.suppress(StopIteration):  # an event loop would need a socket
                while True:
                    cell.send(None)
        else:
            exec(code, self._names)

    def run_line_magic(self, magic: str, line: str) -> None:
        """Execute what ``%time`` measures, or the module that a cell has written."""
        if magic in ("time", "timeit"):
            self._execute(line)
        if magic == "run":
            exec(Path(line.split()[-1]).read_text(encoding="utf-8"), self._names)

    def run_cell_magic(self, magic: str, line: str, body: str) -> None:
        """Execute what ``%%time`` measures; text for other programs is no code."""
        if magic in ("time", "timeit", "capture", "prun"):
            self._execute("\n" + body)  # in the cell, the magic's line stands above
        if magic in ("writefile", "file"):
            *options, name = line.split()
            with open(name.strip("'\""), "a" if options else "w", encoding="utf-8") as file:
                file.write(body)

    def __getattr__(self, name: str) -> Callable[..., None]:
        return lambda *_, **__: None


class StandIns:
    """Finds, in place of the course's own modules, ones with what a starter imports; the rest fails when it is used."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        """As an importer has to."""
        return ModuleSpec(name, self, is_package=True) if name.partition(".")[0] == "rnncourse" else None  # type: ignore[arg-type]

    def create_module(self, spec: ModuleSpec) -> types.ModuleType:
        """As a loader has to."""
        return types.ModuleType(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        """As a loader has to."""
        names = {"hint", "solution", "progress"} if module.__name__ == "rnncourse.grading.student" else set()

        def find(name: str) -> Callable[..., None]:
            if name.startswith("__"):
                raise AttributeError(name)

            def function(*_: Any, **__: Any) -> None:
                if name not in names:
                    raise ImportError(f"{module.__name__}.{name} is not there while an exercise is graded")

            return function

        module.__getattr__ = find  # type: ignore[method-assign]


if __name__ == "__main__":
    start(socket.socket(fileno=int(sys.argv[1])), int(sys.argv[2]), tuple(map(Path, sys.argv[3:])))
