"""Answers that are alike beyond what an exercise makes alike are found; names, comments and layout hide nothing."""

import ast

import pytest

from rnncourse.grading.judge.similarity import runs, similar_pairs

# The same right answers, as different students write them.
BODIES = """\
    outputs = []
    for X_t in X:
        H = torch.tanh(X_t @ W_xh + H @ W_hh + b_h)
        outputs.append(H)
    return torch.stack(outputs), H
---
    T = X.shape[0]
    result = [None] * T
    for t in range(T):
        Z = torch.mm(X[t], W_xh)
        Z += torch.mm(H, W_hh)
        H = (Z + b_h).tanh()
        result[t] = H
    return torch.stack(result, dim=0), H
---
    states = torch.empty(len(X), *H.shape, dtype=X.dtype)
    for i, x in enumerate(X):
        states[i] = H = rnn_step(x, H, W_xh, W_hh, b_h)
    return states, states[-1] if len(X) else H
---
    def go(rest, h):
        if not len(rest):
            return []
        h = rnn_step(rest[0], h, W_xh, W_hh, b_h)
        return [h] + go(rest[1:], h)
    all_states = go(X, H)
    return torch.stack(all_states), all_states[-1]
---
    from itertools import accumulate
    steps = accumulate(X, lambda h, x: rnn_step(x, h, W_xh, W_hh, b_h), initial=H)
    kept = list(steps)[1:]
    return torch.stack(kept), kept[-1]"""
LOOPS = BODIES.split("\n---\n")
HEAD = "def rnn_loop(X, H, W_xh, W_hh, b_h):\n"


def renamed(source: str) -> str:
    """The answer as somebody writes it who has copied it and hides that."""
    names = {"T": "length", "result": "everything", "t": "index", "Z": "total"}
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            node.id = names.get(node.id, node.id)
    text = ast.unparse(tree)
    return text.replace(":\n", ":\n    '''My own.'''\n", 1).replace("\n    return", "\n\n    # all done\n    return")


def test_a_copy_with_other_names_is_found_and_no_other(sheet):
    cells = {f"{i}.ipynb": [HEAD + loop, "print(1)", "def (", "x = 1\n" * 9999] for i, loop in enumerate(LOOPS)}
    assert similar_pairs(sheet, cells) == []
    copy = renamed(HEAD + LOOPS[1])
    assert "result" not in copy
    (pair,) = similar_pairs(sheet, {**cells, "eve.ipynb": [copy]})
    assert {pair.first, pair.second} == {"1.ipynb", "eve.ipynb"}
    assert pair.exercise == "rnn-loop"
    assert pair.share > 0.8
    assert copy in pair.answers


def test_what_all_write_and_the_solution_tell_nothing(sheet):
    solutions = ["\n".join([sheet.setup, *sheet.solutions])]
    assert similar_pairs(sheet, {f"{i}.ipynb": solutions for i in range(2)}) == []
    assert similar_pairs(sheet, {f"{i}.ipynb": [HEAD + LOOPS[1]] for i in range(9)}) == []
    assert similar_pairs(sheet, {}) == []


def test_runs_know_no_names_comments_or_documentation():
    first = 'def f(a, b):\n    """Say."""\n    # note\n    return a + b * 2 - max(a, b)'
    second = "def f(x,\n      y):\n    return x + y*2 - max(x, y)  # other"
    assert runs(first) == runs(second) != runs(second.replace("max", "min"))
    assert runs(second.replace("max(x, y)", "max(y, x)")) != runs(second)


@pytest.mark.parametrize("source", ["", "def", "'''", "(", "\x00", "def f(:\n\t x\n  y"])
def test_what_is_not_python_has_few_runs(source):
    assert runs(source) == set()
