"""The process of one submission: confined, it executes the notebook's cells and calls their functions, as asked."""

import linecache
import os
import socket
import sys
import threading
import types
from pathlib import Path
from typing import Any

from rnncourse.grading.sandbox.confinement import confine
from rnncourse.grading.sandbox.notebook import CELL, Notebook, StandIns

MESSAGE = 500  # characters of an error's message


def enter(connection: socket.socket, box: Path, hidden: tuple[Path, ...], isolated: bool) -> None:
    """Become a confined worker in the folder ``box``, and never return."""
    try:
        nothing = os.open(os.devnull, os.O_RDWR)
        for standard in (0, 1, 2):
            os.dup2(nothing, standard)
        os.closerange(3, connection.fileno())
        os.closerange(connection.fileno() + 1, 4096)
        home = str(box)
        os.environ.update(HOME=home, TMPDIR=home, MPLCONFIGDIR=home)
        os.environ.update(TORCHDYNAMO_DISABLE="1")  # torch.compile would need a compiler
        serve(connection, confine(box, hidden, isolated))
    finally:
        os._exit(0)


def serve(connection: socket.socket, protections: dict[str, bool]) -> None:
    """Execute cells and call functions, as the judge asks, until it hangs up."""
    from rnncourse.grading.sandbox.wire import pack, receive, send, unpack

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
            reply = _answer(request, main, notebook)
            message = pack({**reply, "id": request["id"]})
        except BaseException as error:  # also SystemExit and KeyboardInterrupt, which are the student's here
            message = pack({**_error(error), "id": request["id"]})
        send(connection, message)


def _answer(request: dict[str, Any], main: types.ModuleType, notebook: Notebook) -> dict[str, Any]:
    if "cell" in request:
        notebook.run(request["cell"], request["number"])
        return {"result": None}
    notebook.go_to(request.get("exercise", ""), request["call"])
    try:
        function = getattr(main, request["call"])
    except AttributeError:
        return {"undefined": True}
    arguments = request["arguments"]
    return {"result": function(*arguments), "arguments": arguments}


def _error(error: BaseException) -> dict[str, Any]:
    line = _line(error.__traceback__)
    starved = _is_starved(error)
    try:
        if isinstance(error, SyntaxError) and str(error.filename).startswith(CELL):
            error, line = SyntaxError(error.msg), _clean(str(error.text))
        text = _clean(str(error))
    except BaseException:
        text = ""
    return {"error": type(error).__name__[:80], "message": text, "line": line, "starved": starved}


def _is_starved(error: BaseException) -> bool:
    """Return whether ``error`` says that no thread can be started: all workers share a limit on their number."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    in_start = trace is not None and trace.tb_frame.f_code is threading.Thread.start.__code__
    return in_start and issubclass(type(error), RuntimeError)


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
