"""The judge's side of one submission: have the notebook's cells executed in a worker, and call what they define."""

import contextlib
import shutil
import socket
import tempfile
import time
from pathlib import Path
from typing import Any, NamedTuple

from rnncourse.grading.checks import CheckFailed
from rnncourse.grading.remote import RemoteError
from rnncourse.grading.sandbox.launcher import SandboxBroken, Zygote, require
from rnncourse.grading.sandbox.limits import ALL_SECONDS, CALL_SECONDS, CELL_SECONDS, START_SECONDS
from rnncourse.grading.sandbox.wire import NotPlain, pack, receive, send, unpack

MOST_ERRORS = 5  # of cells, in a message
LONGEST_TEXT = 1000  # characters of what a student's process says


class Ended(Exception):
    """The worker has been ended, or has ended itself; the message says why."""


class Forged(Ended):
    """The worker has sent what the grader's code in it never sends."""

    def __init__(self) -> None:
        super().__init__("it answered in place of the grader's own code")


class CellError(NamedTuple):
    """What a cell raised; ``stopped`` if it was stopped, or denied what other processes may have used up."""

    message: str
    stopped: bool = False


class Sandbox:
    """A notebook's code cells, executed in a worker; ``call`` calls a function that they define.

    A cell or a function that takes too long, or ends the process, costs only itself: the worker is forked anew, and the
    other cells are executed again. For that, no more than half of the time that is left is taken: the functions need
    some, too.

    Args:
        cells: the sources of the code cells, in order.
        seconds: for all that is done here.
        spent: how many of these have been spent before.
        trust: also where the worker is not confined.
    """

    def __init__(
        self,
        zygote: Zygote,
        cells: list[str],
        seconds: float = ALL_SECONDS,
        spent: float = 0.0,
        trust: bool = False,
    ) -> None:
        self._zygote, self._cells, self._seconds, self._trust = zygote, cells, seconds, trust
        self._seconds_left = seconds - spent
        self._broken_cells: set[int] = set()  # they end the process
        self._dead_functions: dict[str, str] = {}  # they did, and how
        self._seconds_of_cell: dict[int, float] = {}
        self._requests = 0
        self._plots = any("matplotlib" in cell for cell in cells)
        self._worker: tuple[int, socket.socket] | None = None
        self._box = Path(tempfile.mkdtemp(dir=zygote.folder))
        self.errors: dict[int, CellError] = {}

    @property
    def spent(self) -> float:
        """How many seconds have been spent."""
        return self._seconds - self._seconds_left

    def call(self, name: str, *arguments: Any, exercise: str = "") -> tuple[Any, tuple]:
        """Return what the function ``name`` returns, and its arguments as it left them.

        It is called as it stood at the check of ``exercise``, whatever later cells define.

        Raises:
            CheckFailed: if there is no such function, or it was stopped.
            NotImplementedError: if it raises that.
            RemoteError: if it raises anything else, or its reply is not plain data.
            SandboxBroken: if no worker can be started.
            Unprotected: if a worker is not confined as it has to be.
        """
        if name in self._dead_functions:
            raise _stopped(name, self._dead_functions[name])
        request = {"call": name, "arguments": list(arguments), "exercise": exercise}
        try:
            try:
                reply = self._ask(request, CALL_SECONDS)
            except Forged:  # it may have been the function before this one that wrote too much: once more
                reply = self._ask(request, CALL_SECONDS)
        except Ended as end:
            self._dead_functions[name] = str(end)
            raise _stopped(name, str(end)) from None
        match reply:
            case {"result": result, "arguments": list(after)} if len(after) == len(arguments):
                return result, tuple(after)
            case {"undefined": True}:
                raise self._undefined(name)
            case {"error": "NotImplementedError"}:
                raise NotImplementedError
            case {"error": str(kind), "message": str(message), "line": str(line), **more}:
                kind = kind if kind.isidentifier() and len(kind) <= 80 else "Exception"
                raise RemoteError(kind, _printable(message), _printable(line), more.get("starved") is True)
        raise _stopped(name, str(Forged()))

    def _undefined(self, name: str) -> CheckFailed:
        errors = [error for _, error in sorted(self.errors.items())]
        causes = "; ".join(error.message for error in errors[:MOST_ERRORS])
        message = f"the notebook defines no {name}" + (f" (its errors: {causes})" if causes else "")
        return CheckFailed(message, stopped=any(error.stopped for error in errors), undefined=True)

    def _ask(self, request: dict, seconds: float) -> dict:
        """Return the reply of a worker that has executed all cells that can be executed."""
        while self._worker is None:
            self._start()
        return self._exchange(request, seconds)

    def _start(self) -> None:
        """Fork a worker and have it execute the cells; when one ends it, there is none."""
        if self._seconds_left <= 0:
            raise _stopped("the notebook", f"it took longer than {self._seconds:g} s in all")
        begin = time.monotonic()
        self._worker = self._zygote.spawn(self._box, self._plots)
        try:
            protections = self._receive(START_SECONDS)
        except Ended:
            raise SandboxBroken("a student's process does not start") from None
        if not self._trust:
            require(protections)
        self._seconds_left -= time.monotonic() - begin
        end = time.monotonic() + self._seconds_left / 2
        for i, source in enumerate(self._cells):
            if i in self._broken_cells:
                continue
            begin = time.monotonic()
            if begin + self._seconds_of_cell.get(i, 0) > end:
                self.errors[i] = CellError("a cell was stopped: all cells together take too long", stopped=True)
                continue
            try:
                reply = self._exchange({"cell": source, "number": i}, CELL_SECONDS)
            except Ended as error:
                self._broken_cells.add(i)
                self.errors[i] = CellError(f"a cell was stopped: {error}", stopped=True)
                return
            self._seconds_of_cell[i] = time.monotonic() - begin
            if "error" in reply:
                where = f", in the line: {reply['line']}" if reply.get("line") else ""
                message = _printable(f"{reply['error']}: {reply.get('message')}{where}")
                self.errors[i] = CellError(message, reply.get("starved") is True)

    def _exchange(self, request: dict, seconds: float) -> dict:
        """Return the worker's reply to ``request``.

        Raises:
            Ended: if there is none; the worker is ended then.
        """
        assert self._worker is not None
        begin = time.monotonic()
        seconds = max(0.01, min(seconds, self._seconds_left))
        self._requests += 1
        try:
            message = pack({**request, "id": self._requests})
        except NotPlain as error:
            return {"error": "NotPlain", "message": str(error), "line": ""}
        try:
            send(self._worker[1], message, seconds)  # a worker that does not read must not hold up the judge
        except OSError:
            self._end()
            raise Ended("it did not wait for the grader") from None
        try:
            reply = self._receive(seconds)
        finally:
            self._seconds_left -= time.monotonic() - begin
        if reply.get("id") != self._requests:  # written before, for another question
            self._end()
            raise Forged
        return reply

    def _receive(self, seconds: float) -> dict:
        assert self._worker is not None
        try:
            reply = unpack(receive(self._worker[1], seconds))
            if isinstance(reply, dict):
                return reply
            end: Ended = Forged()
        except TimeoutError:
            end = Ended(f"it took longer than {seconds:g} s (is there an endless loop?)")
        except OSError:
            end = Ended("it ended the process, or ran out of memory or time")
        except ValueError:
            end = Forged()
        self._end()
        raise end

    def _end(self) -> None:
        if self._worker is not None:
            pid, connection = self._worker
            self._worker = None
            connection.close()
            self._zygote.kill(pid)

    def close(self) -> None:
        """End the worker, and leave nothing of it."""
        with contextlib.suppress(SandboxBroken):  # then there is nothing to end
            self._end()
        shutil.rmtree(self._box, ignore_errors=True)


def _printable(text: str) -> str:
    """What a student's process says, made fit for a page: short, and without control characters."""
    return "".join(sign if sign.isprintable() or sign == "\n" else " " for sign in text[:LONGEST_TEXT])


def _stopped(name: str, why: str) -> CheckFailed:
    return CheckFailed(f"{name} was stopped: {why}", stopped=True)
