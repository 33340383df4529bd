"""make.py lists its tasks, sets up the environment, and says in one line what is missing."""

import os
import re
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


def test_tasks_are_listed(make):
    printed = subprocess.check_output([sys.executable, "make.py"], cwd=ROOT, text=True)
    listing = printed.split("tasks:\n")[1].split("\n\n")[0]
    assert re.findall(r"^  (\w+) ", listing, re.MULTILINE) == list(make.TASKS)
    rule = "\n" + " ".join(make.TASKS) + ":\n"
    assert rule in (ROOT / "Makefile").read_text()


def test_an_unknown_task_is_refused():
    result = subprocess.run([sys.executable, "make.py", "boook"], cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 2
    assert "invalid choice: 'boook'" in result.stderr
    assert "Traceback" not in result.stderr


def test_an_old_python_is_refused(make, monkeypatch):
    monkeypatch.setattr(sys, "argv", ["make.py", "book"])
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))
    with pytest.raises(make.Stop, match=r"Python 3\.11 or newer is needed, but this is 3\.9"):
        make.main()


def test_a_missing_venv_module_is_named(make, monkeypatch, tmp_path):
    monkeypatch.setitem(make.setup.__globals__, "STAMP", tmp_path / "installed")
    monkeypatch.setitem(sys.modules, "ensurepip", None)
    with pytest.raises(make.Stop, match=r"apt install python3\.\d+-venv"):
        make.setup()


@pytest.fixture
def installing(make, monkeypatch, tmp_path):
    """A set-up in an empty folder, which only notes its ``commands``; those with a word in ``failing`` fail."""
    commands: list[tuple[str, ...]] = []
    failing: list[str] = []
    settings: dict[str, str] = {}

    def run(*command, **variables):
        commands.append((*command, *map("=".join, variables.items())))
        if any(word in command for word in failing):
            raise make.Stop(f"{command} failed")

    places = {"VENV": tmp_path / "venv", "BIN": tmp_path / "venv/bin", "STAMP": tmp_path / "venv/installed"}
    for name, value in {**places, "run": run, "pip_settings": lambda: settings}.items():
        monkeypatch.setitem(make.setup.__globals__, name, value)
    monkeypatch.setattr("venv.create", lambda path, **options: Path(path).mkdir(exist_ok=True))
    return SimpleNamespace(commands=commands, failing=failing, settings=settings)


def installer(command):
    """Return the program that installs the requirements in ``command``: uv or pip."""
    return "uv" if command[:3] == ("uv", "pip", "install") else "pip" if "requirements.txt" in command else None


def test_packages_are_installed_once_by_uv(make, installing):
    make.setup()
    assert list(map(installer, installing.commands)) == [None, "uv"]
    assert make.UV in installing.commands[0]
    make.setup()
    assert len(installing.commands) == 2


@pytest.mark.parametrize("failing", [["uv"], ["-qq"]], ids=["uv fails", "there is no uv"])
def test_pip_takes_over_where_uv_fails(make, installing, failing, capsys):
    installing.failing += failing
    make.setup()
    assert installer(installing.commands[-1]) == "pip"
    assert "uv did not work; pip installs the packages instead" in capsys.readouterr().out
    make.setup()
    assert installer(installing.commands[-1]) == "pip"
    assert [installer(command) for command in installing.commands].count("pip") == 1


def test_a_failed_installation_is_reported_and_tried_again(make, installing):
    installing.failing += ["install"]
    for attempt in (1, 2):
        with pytest.raises(make.Stop, match="is there a network"):
            make.setup()
        assert [installer(command) for command in installing.commands].count("pip") == attempt


def test_pytorch_comes_from_its_own_index_for_the_machine_at_hand(make, installing, capsys):
    make.setup()
    assert "--torch-backend=auto" in installing.commands[-1]
    assert capsys.readouterr().out.count("\n") == 1


def test_pytorch_comes_from_pypi_where_its_own_index_fails(make, installing, capsys):
    installing.failing += ["--torch-backend=auto"]
    make.setup()
    *_, first, second = installing.commands
    assert [word for word in first if word != "--torch-backend=auto"] == list(second)
    assert "PyTorch's own index did not work" in capsys.readouterr().out


@pytest.mark.parametrize("name", ["index-url", "extra-index-url", "find-links", "no-index"])
def test_where_pip_is_configured_its_places_decide(make, installing, name):
    installing.settings[name] = "1"
    make.setup()
    assert "--torch-backend=auto" not in installing.commands[-1]


def test_pips_settings_are_passed_on_to_uv(make, installing):
    installing.settings.update(
        {
            "index-url": "https://example.org/simple",
            "extra-index-url": "https://example.org/a\nhttps://example.org/b",
            "find-links": "/wheels",
            "constraint": "/first.txt /second.txt",
            "trusted-host": "example.org",
            "no-index": "true",
            "cert": "/certificate.pem",
            "default-timeout": "60",
        }
    )
    make.setup()
    words = " ".join(installing.commands[-1])
    for passed in (
        "--index-url https://example.org/simple",
        "--extra-index-url https://example.org/a --extra-index-url https://example.org/b",
        "--find-links /wheels",
        "--constraints /first.txt --constraints /second.txt",
        "--allow-insecure-host example.org",
        "--no-index",
        "--index-strategy=unsafe-best-match",
        "SSL_CERT_FILE=/certificate.pem",
    ):
        assert passed in words
    assert "60" not in words


def test_pips_settings_come_from_files_and_variables(make, monkeypatch, tmp_path):
    pytest.importorskip("pip")  # an environment that make.py did not make may have none
    file = tmp_path / "pip.conf"
    file.write_text(
        "[global]\nfind-links =\n  /one\n  /two\n[install]\nconstraint = /c.txt\n[download]\nno-index = 1\n"
    )
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", str(file))
    settings = make.pip_settings()
    assert settings["find-links"].split() == ["/one", "/two"]
    assert settings["constraint"] == "/c.txt"
    assert "no-index" not in settings
    monkeypatch.setenv("PIP_FIND_LINKS", "/three")
    monkeypatch.setenv("PIP_CONSTRAINT", "/d.txt")
    settings = make.pip_settings()
    assert (settings["find-links"], settings["constraint"]) == ("/three", "/d.txt")


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


def test_lab_opens_on_the_exercises_with_the_chapters_in_reach(make, monkeypatch):
    calls: list[tuple[str, ...]] = []
    monkeypatch.setitem(make.lab.__globals__, "run", lambda *command: calls.append(command))
    make.lab([])
    make.lab(["book"])
    (_, trust, *trusted), (*command, url, no_servers), *rest = calls
    assert trust == "trust"
    assert sorted(trusted) == sorted(path.relative_to(ROOT).as_posix() for path in (ROOT / "book").glob("*.ipynb"))
    assert command == ["jupyter", "lab", "."]
    assert (ROOT / url.removeprefix("--LabApp.default_url=/lab/tree/") / "rnn" / "starter.ipynb").exists()
    assert no_servers == "--LanguageServerManager.autodetect=False"
    assert rest[1] == ("jupyter", "lab", "book")


def test_the_workflow_calls_the_commands_of_the_readme():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    workflow = yaml.safe_load((ROOT / ".github/workflows/book.yml").read_text(encoding="utf-8"))
    build, deploy = workflow["jobs"]["build"], workflow["jobs"]["deploy"]
    commands = [step["run"] for step in build["steps"] if "run" in step]
    commands = [" ".join(word for word in command.split() if word != "--yes") for command in commands]
    assert commands == ["apt-get update", "apt-get install chromium", "make book", "make test"]
    for command in commands[1:]:
        assert command in readme
    uploaded = [step["with"]["path"] for step in build["steps"] if "upload" in step.get("uses", "")]
    assert uploaded == ["_build/screenshots", "_build/html"]
    assert workflow["permissions"] == {"contents": "read"}
    assert deploy["if"] == "github.ref == 'refs/heads/main'"
    assert [step["uses"].split("@")[0] for step in deploy["steps"]] == ["actions/deploy-pages"]
