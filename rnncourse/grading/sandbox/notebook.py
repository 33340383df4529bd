"""How a student's cells are executed: what stands in for IPython, and for the course's own modules."""

import __future__

import ast
import contextlib
import dis
import inspect
import linecache
import sys
import types
from collections.abc import Callable
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any

CHECK = "_check_stands_here"  # what a check cell is replaced with calls this
CELL = "<cell "  # begins the file name that a cell has in a traceback


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


def _is_stub(value: Any) -> bool:
    """Return whether ``value`` is a function that does nothing but raise the error of a starter."""
    code = getattr(value, "__code__", None)
    if not isinstance(code, types.CodeType) or code.co_names != ("NotImplementedError",):
        return False
    return not any(part.opname.startswith("RETURN") for part in dis.get_instructions(code))


class Notebook:
    """Executes cells in ``names``; stands in for IPython, so that its commands do no harm and no good.

    Where a check stood, the names are kept: what a later cell gives one of them is for the exercises after it.
    """

    def __init__(self, names: dict[str, Any]) -> None:
        self._names, self._flags, self._name = names, 0, ""
        self._kept: dict[str, dict[str, Any]] = {}  # by the exercise whose last check stood there
        self._states: dict[str, dict[str, Any]] = {}
        self._place = ""  # whose names are there now; those after the last cell have no exercise
        names.update({"get_ipython": lambda: self, "display": lambda *_, **__: None, CHECK: self.keep})

    def keep(self, exercise: str) -> None:
        """Keep the names as they are at a check of ``exercise``."""
        self._kept[exercise] = {name: value for name, value in self._names.items() if not _is_stub(value)}

    def go_to(self, exercise: str, function: str) -> None:
        """Have the names as they were at the last check of ``exercise``, if it had the ``function`` by then."""
        place = exercise if function in self._kept.get(exercise, {}) else ""
        if place == self._place:
            return
        self._states[self._place] = dict(self._names)
        names = self._states.get(place) or {**self._states[""], **self._kept[place]}
        self._names.update(names)
        for name in self._names.keys() - names.keys():
            del self._names[name]
        self._place = place

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
                self._flags |= sum(getattr(__future__, feature.name).compiler_flag for feature in part.names)
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
        """Execute what ``%time`` measures, in a function with its names, or the module that a cell has written."""
        if magic in ("time", "timeit"):
            caller = sys._getframe(1)
            if caller.f_locals is caller.f_globals:
                self._execute(line)
            else:
                exec(compile(line, self._name, "exec", self._flags), caller.f_globals, caller.f_locals)
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
