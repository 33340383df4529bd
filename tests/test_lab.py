"""JupyterLab as a student meets it: a real server, and an exercise and a chapter in a real browser."""

import os
import queue
import re
import secrets
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from playwright.sync_api import Locator, Page, expect, sync_playwright

from rnncourse import notebooks

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
PATIENCE = 60  # seconds
OPTIONS = [
    "--no-browser",
    "--allow-root",
    "--ServerApp.ip=127.0.0.1",
    "--ServerApp.port=0",  # one that is free
    "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",  # nobody outside is asked
    "--LabApp.extension_manager=readonly",
    "--LanguageServerManager.autodetect=False",
]
RIGHT = "def rnn_step(X_t, H, W_xh, W_hh, b_h):\n    return torch.tanh(X_t @ W_xh + H @ W_hh + b_h)"
LEFT_OUT = RIGHT.replace(" + b_h", "")
SINE = RIGHT.replace("X_t @", "X_t.sin() @")
GREEN = {"color": "rgb(26, 127, 55)", "backgroundColor": "rgb(218, 251, 225)"}


class Server(NamedTuple):
    """A Jupyter server on a copy of a part of the course."""

    root: Path
    url: str
    token: str


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[Server]:
    root, own, token = tmp_path_factory.mktemp("course"), tmp_path_factory.mktemp("jupyter"), secrets.token_hex()
    for name in ("exercises/rnn/solution.ipynb", "exercises/rnn/starter.ipynb", "book/rnn.ipynb"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, root / name)
    settings = {f"JUPYTER_{part}_DIR": str(own / part.lower()) for part in ("CONFIG", "DATA", "RUNTIME")}
    settings |= {"JUPYTER_TOKEN": token, "IPYTHONDIR": str(own / "ipython")}
    environment = {name: value for name, value in os.environ.items() if name != "RNNCOURSE_TEST"} | settings
    jupyter = [sys.executable, "-m", "jupyter"]
    subprocess.run([*jupyter, "trust", "book/rnn.ipynb"], cwd=root, env=environment, check=True, capture_output=True)
    process = subprocess.Popen(
        [*jupyter, "lab", ".", *OPTIONS], cwd=root, env=environment, stderr=subprocess.PIPE, text=True
    )
    log, address = [], queue.SimpleQueue[str]()

    def read() -> None:
        assert process.stderr
        for line in process.stderr:
            log.append(line)
            if "is running at" not in line and (found := re.search(r"http://127\.0\.0\.1:\d+", line)):
                address.put(found[0])
        address.put("")  # the server has ended

    reader = threading.Thread(target=read)
    reader.start()
    try:
        url = address.get(timeout=PATIENCE)
        assert url, "".join(log)
        yield Server(root, url, token)
    finally:
        process.terminate()  # the server ends its kernels, too
        try:
            process.wait(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        reader.join()
        if process.stderr:
            process.stderr.close()


@pytest.fixture(scope="module")
def tab(chromium, server) -> Iterator[Page]:
    """A page in the browser; at the end it has asked nobody but the server for anything."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        tab, asked = browser.new_page(viewport={"width": 1280, "height": 900}), set()
        tab.set_default_timeout(1000 * PATIENCE)
        expect.set_options(timeout=1000 * PATIENCE)
        tab.on("request", lambda request: asked.add(request.url))
        tab.goto(f"{server.url}/lab?token={server.token}")
        yield tab
        browser.close()
    assert [url for url in asked if not url.startswith((server.url, "data:", "blob:"))] == []


class Notebook:
    """A notebook that is open in JupyterLab; its cells go by their ids."""

    def __init__(self, tab: Page, server: Server, name: str) -> None:
        self.tab = tab
        self._url = f"{server.url}/lab/tree/{name}"
        self._ids = [cell.id for cell in notebooks.read(server.root / name).cells]
        self.open()

    def open(self) -> None:
        self.tab.goto(self._url)
        expect(self._cells()).to_have_count(len(self._ids))

    def _cells(self) -> Locator:
        return self.tab.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Cell")

    def cell(self, name: str) -> Locator:
        return self._cells().nth(self._ids.index(name))

    def output(self, name: str) -> Locator:
        return self.cell(name).locator(".jp-OutputArea-output")

    def select(self, name: str) -> None:
        self.cell(name).locator(".cm-content").click()

    def write(self, name: str, source: str) -> None:
        self.select(name)
        self.tab.keyboard.press("ControlOrMeta+a")
        self.tab.keyboard.insert_text(source)

    def run(self, cells: int = 1) -> None:
        """Run so many cells, from the selected one on, as Shift+Enter does."""
        for _ in range(cells):
            self.tab.keyboard.press("Shift+Enter")

    def run_all(self) -> None:
        self.tab.get_by_role("menuitem", name="Run", exact=True).click()
        self.tab.get_by_text("Run All Cells", exact=True).click()

    def save(self) -> None:
        with self.tab.expect_response(lambda reply: reply.request.method == "PUT" and "/contents/" in reply.url):
            self.tab.keyboard.press("ControlOrMeta+s")


def is_error(output: Locator) -> bool:
    return output.get_attribute("data-mime-type") == "application/vnd.jupyter.stderr"


def colors(output: Locator) -> dict[str, str]:
    line = output.get_by_role("status")
    return line.evaluate("(line) => (({color, backgroundColor}) => ({color, backgroundColor}))(getComputedStyle(line))")


def test_an_exercise_from_the_first_click_to_the_summary(tab, server):
    notebook = Notebook(tab, server, "exercises/rnn/starter.ipynb")
    folded, check, below = (notebook.cell("rnn-step-sum"), *map(notebook.output, ("rnn-step-terms", "rnn-step-sum")))
    expect(folded).to_have_text("# check of rnn-step: Shift+Enter runs it")
    expect(folded.locator(".cm-content")).to_have_count(0)

    notebook.cell("rnn-step-terms").get_by_title("Click to expand").click()  # a check, before anything else
    notebook.run()
    first = "CheckFailed: torch is imported by the first cell with code: run that, then your answer, then this check"
    expect(check).to_have_text(first)

    notebook.select("setup")
    notebook.run()
    notebook.select("rnn-step")
    notebook.run(2)
    expect(check).to_contain_text("○ rnn-step: not attempted: write rnn_step in the cell above")

    notebook.write("rnn-step", LEFT_OUT)
    notebook.run(2)
    expect(check).to_have_text("CheckFailed: this is what you get when the term b_h is left out")
    notebook.write("rnn-step", SINE)
    notebook.run(2)
    expect(check).to_contain_text("Hint 2 of 3: Vectors are rows here")
    message = check.inner_text().splitlines()
    assert message[0] == "CheckFailed: all terms but X_t W_xh are zero here: look at that one"
    assert [line.split()[:2] for line in message[1:-1]] == [["expected", "-0.283723,"], ["but", "got"]]
    assert is_error(check)

    notebook.write("rnn-step", RIGHT)
    notebook.run(3)
    for output in (check, below):
        expect(output).to_have_text("✓ rnn-step: this check has passed")
        assert colors(output) == GREEN
        assert not is_error(output)

    notebook.write("rnn-step", LEFT_OUT)  # and not run
    notebook.save()
    check.click()
    notebook.run()
    expect(check).to_contain_text("○ rnn-step: the answer was changed after it was run")
    assert colors(check) != GREEN
    notebook.write("rnn-step", RIGHT)

    notebook.run_all()
    summary = notebook.output("summary")
    expect(summary).to_contain_text("hints")
    passed = {"rnn-step": "2", "rnn-loop": "0", "perplexity": "0", "temperature": "0"}
    rows = [row.split("hints")[0].split() for row in summary.inner_text().splitlines()]
    assert rows == [[name, number, "of", "2", "checks", "passed"] for name, number in passed.items()]
    expect(notebook.output("temperature-cold")).to_contain_text("○ temperature: not attempted")
    expect(below).to_have_text("✓ rnn-step: this check has passed")

    notebook.save()
    notebook.open()
    expect(check).to_have_text("✓ rnn-step: this check has passed")
    assert colors(check) == GREEN


def test_figures_of_a_trusted_chapter_move_before_it_is_run(tab, server):
    chapter = Notebook(tab, server, "book/rnn.ipynb")
    figure = chapter.tab.locator("figure.explore").first
    slider, seen = figure.get_by_role("slider"), figure.locator(".frame:visible")
    slider.focus()
    chapter.tab.keyboard.press("Home")
    expect(seen).to_have_attribute("aria-label", re.compile("H_1 is marked"))
    chapter.tab.keyboard.press("ArrowRight")
    expect(seen).to_have_attribute("aria-label", re.compile("H_2 is marked"))
    expect(figure.locator("figcaption")).not_to_contain_text("$")
