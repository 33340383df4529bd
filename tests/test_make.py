"""make.py: its tasks are told, and what is missing gets one clear line."""

import os
import runpy
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

ROOT = Path(__file__).parents[1]


@pytest.fixture
def make():
    return SimpleNamespace(**runpy.run_path(str(ROOT / "make.py")))


def test_tasks_are_listed():
    printed = subprocess.check_output([sys.executable, "make.py"], cwd=ROOT, text=True)
    for task in ("book", "pdf", "test", "notebooks", "scoreboard", "bench", "lab", "clean"):
        assert f"\n  {task} " in printed
    makefile = (ROOT / "Makefile").read_text()
    assert "\nbook pdf test notebooks scoreboard bench lab clean:\n" in makefile


def test_an_unknown_task_is_refused():
    result = subprocess.run([sys.executable, "make.py", "boook"], cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 2
    assert "invalid choice: 'boook'" in result.stderr
    assert "Traceback" not in result.stderr


def test_an_old_python_is_told(make, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["make.py", "book"])
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))
    with pytest.raises(make.Stop, match=r"Python 3\.11 or newer is needed, but this is 3\.9"):
        make.main()


def test_a_missing_venv_module_is_told(make, monkeypatch, tmp_path):
    monkeypatch.setitem(make.setup.__globals__, "STAMP", tmp_path / "installed")
    monkeypatch.setitem(sys.modules, "ensurepip", None)
    with pytest.raises(make.Stop, match=r"apt install python3\.\d+-venv"):
        make.setup()


def test_a_failed_installation_is_told_and_tried_again(make, monkeypatch, tmp_path):
    calls = []

    def run(*command, **variables):
        calls.append(command)
        raise make.Stop("pip failed")

    for name, value in {"VENV": tmp_path / "venv", "STAMP": tmp_path / "venv/installed", "run": run}.items():
        monkeypatch.setitem(make.setup.__globals__, name, value)
    for _ in range(2):
        with pytest.raises(make.Stop, match="is there a network"):
            make.setup()
    assert len(calls) == 2


def test_a_second_setup_installs_nothing(make, monkeypatch, tmp_path):
    calls = []
    for name, value in {
        "VENV": tmp_path / "venv",
        "STAMP": tmp_path / "venv/installed",
        "run": lambda *command, **variables: calls.append(command),
    }.items():
        monkeypatch.setitem(make.setup.__globals__, name, value)
    make.setup()
    make.setup()
    assert len(calls) == 1
    assert "requirements.txt" in calls[0]


def test_a_failing_program_ends_the_task(make):
    with pytest.raises(make.Stop, match="ended with exit status 3"):
        make.run(sys.executable, "-c", "raise SystemExit(3)")


def test_pdf_needs_chromium(make, monkeypatch):
    monkeypatch.setenv("PATH", "")
    with pytest.raises(make.Stop, match="no Chromium; on Debian or Ubuntu: apt install chromium"):
        make.pdf([])


@pytest.mark.parametrize(("age", "built"), [(None, 1), (10, 1), (-10, 0)], ids=["missing", "outdated", "ready"])
def test_pdf_builds_the_book_if_it_is_out_of_date(make, monkeypatch, tmp_path, age, built):
    for name in ("_config.yml", "_toc.yml", "book/index.md", "book/.cache/new.md", "_build/html/index.html"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (1000, 1000))
    page = tmp_path / "_build/html/index.html"
    os.utime(tmp_path / "book/.cache/new.md", (2000, 2000))  # no source
    if age is None:
        page.unlink()
    else:
        os.utime(page, (1000 - age, 1000 - age))
    calls: list[object] = []
    patches = {
        "ROOT": tmp_path,
        "HTML": page.parent,
        "PDF": tmp_path / "book.pdf",
        "book": lambda arguments: calls.append("book"),
        "run": lambda *command: calls.append(command),
    }
    for name, value in patches.items():
        monkeypatch.setitem(make.pdf.__globals__, name, value)
    monkeypatch.setattr("shutil.which", lambda name: f"/bin/{name}")
    make.pdf([])
    assert calls == ["book"] * built + [("python", "book/pdf.py", "/bin/chromium")]


def test_the_workflow_calls_the_commands_of_the_readme():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    workflow = yaml.safe_load((ROOT / ".github/workflows/book.yml").read_text(encoding="utf-8"))
    build, deploy = workflow["jobs"]["build"], workflow["jobs"]["deploy"]
    commands = [step["run"] for step in build["steps"] if "run" in step]
    commands = [" ".join(word for word in command.split() if word != "--yes") for command in commands]
    assert commands == ["apt-get update", "apt-get install chromium", "make book", "make test"]
    for command in commands[1:]:
        assert command in readme
    assert f"PIP_EXTRA_INDEX_URL={build['env']['PIP_EXTRA_INDEX_URL']} make book" in readme
    uploaded = [step["with"]["path"] for step in build["steps"] if "upload" in step.get("uses", "")]
    assert uploaded == ["_build/screenshots", "_build/html"]
    assert workflow["permissions"] == {"contents": "read"}
    assert deploy["if"] == "github.ref == 'refs/heads/main'"
    assert [step["uses"] for step in deploy["steps"]] == ["actions/deploy-pages@v4"]
