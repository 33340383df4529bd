"""The judge's side of a student's process: run the notebook's cells there, and call what they define."""

import contextlib
import os
import shutil
import socket
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rnncourse.grading.checks import CheckFailed
from rnncourse.grading.sheet import STOPPED
from rnncourse.grading.wire import NotPlain, pack, receive, send, unpack
from rnncourse.grading.zygote import SandboxBroken, Zygote

# The limits can be set in the environment, for slow machines and for tests.
CELL_SECONDS = float(os.environ.get("RNNCOURSE_CELL_SECONDS", 20))
CALL_SECONDS = float(os.environ.get("RNNCOURSE_CALL_SECONDS", 10))
ALL_SECONDS = float(os.environ.get("RNNCOURSE_ALL_SECONDS", 300))  # for one submission

_HELLO = 60.0  # seconds until a worker says hello


FORGED = "it answered in place of the grader's own code"


class Sandbox:
    """A notebook's code cells, executed in a worker; ``call`` calls a function that they define.

    A cell or a function that takes too long, or ends the process, costs only itself: the worker is forked anew, and the
    other cells are executed again. For that, no more than half of the time that is left is taken: the functions need
    some, too.

    Args:
        cells: the sources of the code cells, in order.
    """

    def __init__(self, zygote: Zygote, cells: list[str]) -> None:
        self._zygote, self._cells = zygote, cells
        self._broken: dict[int, str] = {}  # cells that end the process, and how
        self._dead: dict[str, str] = {}  # functions that did, and how
        self._took: dict[int, float] = {}  # seconds of a cell
        self._left = ALL_SECONDS
        self._asked = 0
        self._plots = any("matplotlib" in cell for cell in cells)
        self._worker: tuple[int, socket.socket] | None = None
        self._box = Path(tempfile.mkdtemp(dir=zygote.folder))
        self.errors: dict[int, str] = {}
        self.protections: dict[str, bool] = {}

    def call(self, name: str, *arguments: Any) -> tuple[Any, tuple]:
        """Return what the function ``name`` returns, and its arguments as it left them.

        Raises:
            CheckFailed: if there is no such function, or it was stopped.
            Exception: of the name and with the message of what it raised, and the line where, as ``line``; a reply that
                is not plain data included.
        """
        if name in self._dead:
            raise _stopped(name, self._dead[name])
        for _ in range(2):
            self._start()
            reply = self._ask({"call": name, "arguments": list(arguments)}, CALL_SECONDS)
            if reply != FORGED:
                break  # otherwise it may have been the function before this one that wrote too much: once more
        match reply:
            case {"result": result, "arguments": list(after)} if len(after) == len(arguments):
                return result, tuple(after)
            case {"error": str(kind), "message": str(message), **more}:
                raise self._explained(name, kind, message, str(more.get("line", "")))
            case str(why):
                self._dead[name] = why
                raise _stopped(name, why)
        raise _stopped(name, FORGED)

    def _explained(self, name: str, kind: str, message: str, line: str) -> Exception:
        if kind == "AttributeError" and f"'__main__' has no attribute '{name}'" in message:
            causes = "; ".join(error for _, error in sorted(self.errors.items())[:5])
            return CheckFailed(f"the notebook defines no {name}" + (f" (its errors: {causes})" if causes else ""))
        return NotImplementedError(message) if kind == "NotImplementedError" else _named(kind, message, line)

    def _start(self) -> None:
        """Have a worker that has executed all cells that can be executed."""
        while self._worker is None:
            if self._left <= 0:
                raise _stopped("the notebook", f"it took longer than {ALL_SECONDS:g} s in all")
            begin = time.monotonic()
            self._worker = self._zygote.spawn(self._box, self._plots)
            hello = self._receive(_HELLO)
            self._left -= time.monotonic() - begin
            if not isinstance(hello, dict):
                raise SandboxBroken("a student's process does not start")
            self.protections = hello
            end = time.monotonic() + self._left / 2
            for i, source in enumerate(self._cells):
                if i in self._broken:
                    continue
                begin = time.monotonic()
                if begin + self._took.get(i, 0) > end:
                    self.errors[i] = f"a cell {STOPPED} all cells together take too long"
                    continue
                reply = self._ask({"cell": source, "number": i}, CELL_SECONDS)
                if isinstance(reply, str):
                    self._broken[i] = reply
                    self.errors[i] = f"a cell {STOPPED} {reply}"
                    break
                self._took[i] = time.monotonic() - begin
                if "error" in reply:
                    line = reply.get("line")
                    where = f", in the line: {line}" if line else ""
                    self.errors[i] = _line(f"{reply['error']}: {reply.get('message')}{where}")

    def _ask(self, request: dict, seconds: float) -> dict | str:
        """Return the reply, or, after ending the worker, one line that says why there is none."""
        assert self._worker is not None
        begin = time.monotonic()
        seconds = max(0.01, min(seconds, self._left))
        try:
            self._asked += 1
            message = pack({**request, "id": self._asked})
        except NotPlain as error:
            return {"error": "NotPlain", "message": str(error)}
        try:
            send(self._worker[1], message, seconds)  # a worker that does not read must not hold up the judge
        except OSError:
            return self._end("it did not wait for the grader")
        try:
            reply = self._receive(seconds)
        finally:
            self._left -= time.monotonic() - begin
        if isinstance(reply, dict) and reply.get("id") != self._asked:  # written before, for another question
            return self._end(FORGED)
        return reply

    def _receive(self, seconds: float) -> dict | str:
        assert self._worker is not None
        try:
            reply = unpack(receive(self._worker[1], seconds))
        except TimeoutError:
            return self._end(f"it took longer than {seconds:g} s (is there an endless loop?)")
        except OSError:
            return self._end("it ended the process, or ran out of memory or time")
        except ValueError:
            reply = None
        return reply if isinstance(reply, dict) else self._end(FORGED)

    def _end(self, why: str) -> str:
        if self._worker is not None:
            pid, connection = self._worker
            self._worker = None
            connection.close()
            self._zygote.kill(pid)
        return why

    def close(self) -> None:
        """End the worker, and leave nothing of it."""
        with contextlib.suppress(SandboxBroken):  # then there is nothing to end
            self._end("")
        shutil.rmtree(self._box, ignore_errors=True)


def remote(sandbox: Sandbox, name: str, parameters: tuple[str, ...]) -> Callable[..., Any]:
    """Return a function that calls ``name`` in the sandbox; ``function.after`` holds its arguments as it left them."""

    def function(*arguments: Any) -> Any:
        try:
            result, function.after = sandbox.call(name, *arguments)  # type: ignore[attr-defined]
        except Exception as error:
            function.line = getattr(error, "line", "")  # type: ignore[attr-defined]
            raise
        return result

    function.__name__ = name
    function.parameters = parameters  # type: ignore[attr-defined]
    return function


def _line(text: str) -> str:
    """What a student's process says, made fit for a page: short, and without control characters."""
    return "".join(sign if sign.isprintable() or sign == "\n" else " " for sign in text[:1000])


def _named(name: str, message: str, line: str) -> Exception:
    # A name that is none would raise here, and a name like that of the checks' own exceptions would be taken for one.
    name = name if name.isidentifier() and len(name) <= 80 else "Exception"
    return type(name, (Exception,), {"line": _line(line)})(_line(message))


def _stopped(name: str, why: str) -> CheckFailed:
    return CheckFailed(f"{name} {STOPPED} {why}")
