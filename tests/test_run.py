"""What `python3 tests/run.py` does, says and returns, without doing any of it."""

import ast
import builtins
import errno
import importlib.util
import os
import re
import runpy
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

from tests import run

create = venv.create  # which only a test of a folder that venv refuses calls


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep every test away from the environment in which it runs: `clear` would empty it."""
    monkeypatch.setattr(run, "ENVIRONMENT", tmp_path / ".venv")
    monkeypatch.setattr(run, "STAMP", tmp_path / "installed.txt")
    monkeypatch.setattr(venv, "create", Mock())


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> Mock:
    """All that a run does, each as a call that does nothing."""
    made = Mock()
    made.prepare_environment.return_value = False
    made.find_browser.return_value = "/a/browser"
    made.compiled_meanwhile.side_effect = nullcontext
    asks, acts = ("prepare_environment", "find_browser", "find_redis"), ("check_scripts", "demand")
    for name in (*asks, "compiled_meanwhile", *acts):
        monkeypatch.setattr(run, name, getattr(made, name))
    monkeypatch.setenv("CHROME_PATH", "")
    return made


def test_every_check_is_run_before_the_tests_which_get_the_arguments(
    done: Mock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    assert run.main(["-k", "conv"]) == 0
    asked = [call.args[1:] for call in done.demand.call_args_list]
    checks = [("-m", "ruff", "check"), ("-m", "ruff", "format", "--check"), ("-m", "mypy")]
    assert asked == [*checks, ("-m", "pytest", *run.SHARED_OUT, "-k", "conv")]
    order = [name for name, *_ in done.mock_calls]
    assert order[-2:] == ["check_scripts", "demand"]
    assert os.environ["CHROME_PATH"] == "/a/browser"
    assert "PYTHONDONTWRITEBYTECODE" not in os.environ


def test_the_tests_get_one_process_more_than_there_are_cores_for_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 64)
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: {3}, raising=False)
    assert runpy.run_path(run.__file__)["PROCESSES"] == "2"


def test_a_new_environment_is_compiled_while_it_is_checked(done: Mock) -> None:
    run.main([])
    done.compiled_meanwhile.assert_not_called()
    done.prepare_environment.return_value = True
    run.main([])
    done.compiled_meanwhile.assert_called_once()


def test_what_compiles_is_awaited_and_ended_at_once_if_a_check_fails(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    process = Mock()
    monkeypatch.setattr(subprocess, "Popen", Mock(return_value=process))
    with run.compiled_meanwhile():
        process.wait.assert_not_called()
    assert [name for name, *_ in process.mock_calls] == ["wait", "kill"]
    process.reset_mock()
    with pytest.raises(run.StopError), run.compiled_meanwhile():
        raise run.StopError("mypy failed")
    assert [name for name, *_ in process.mock_calls] == ["kill"]


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (run.StopError("mypy failed", 4), 4, "tests/run.py: mypy failed."),
        (KeyboardInterrupt(), 130, "tests/run.py: interrupted."),
    ],
)
def test_the_status_is_that_of_what_failed(
    done: Mock, error: BaseException, status: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    done.demand.side_effect = error
    assert run.main([]) == status
    assert capsys.readouterr().err.strip() == said


def test_a_command_that_fails_stops_the_run_with_its_status() -> None:
    run.demand("it failed", "-c", "")
    with pytest.raises(run.StopError, match=r"^it failed$") as stopped:
        run.demand("it failed", "-c", "raise SystemExit(3)")
    assert stopped.value.status == 3


@pytest.mark.parametrize("interactive", [False, True])
def test_ctrl_c_ends_what_runs_unless_that_hears_it_itself(
    interactive: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    process = Mock(communicate=Mock(side_effect=KeyboardInterrupt))
    started = Mock(return_value=process)
    monkeypatch.setattr(subprocess, "Popen", started)
    with pytest.raises(KeyboardInterrupt):
        run.run("-c", "", interactive=interactive)
    assert started.call_args.kwargs["start_new_session"] != interactive
    assert process.terminate.called != interactive
    process.kill.assert_called_once()


def test_an_old_python_is_told_so_before_it_is_asked_for_what_it_lacks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """contextlib.nullcontext, for one, came with Python 3.7."""
    text = Path(run.__file__).read_text(encoding="utf-8")
    code = compile(ast.parse(text, feature_version=(3, 6)), run.__file__, "exec")
    monkeypatch.setattr(sys, "version_info", (3, 6, 15))
    only_sys = vars(builtins) | {"__import__": lambda name, *_: {"sys": sys}[name]}
    with pytest.raises(SystemExit, match=r"needs Python 3\.11 or newer; this is Python 3\."):
        exec(code, {"__name__": "run", "__builtins__": only_sys})


# --- the environment


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the stamp of an environment of Python 3.14 is, with all that is required."""
    required = tmp_path / "requirements.txt"
    required.write_text("numpy\n")
    run.STAMP.write_text("3.14numpy\n")
    monkeypatch.setattr(run, "REQUIREMENTS", (required,))
    monkeypatch.setattr(run, "version_in_environment", lambda: "3.14")
    monkeypatch.setattr(run, "make_environment", Mock())
    return run.STAMP


def test_nothing_is_installed_where_all_is_there(
    environment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    demand = Mock()
    monkeypatch.setattr(run, "demand", demand)
    assert not run.prepare_environment()
    demand.assert_not_called()


@pytest.mark.parametrize("stamp", ["3.13numpy\n", "3.14scipy\n", None])
def test_what_is_required_is_installed_where_it_or_python_is_another(
    stamp: str | None, environment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment.unlink() if stamp is None else environment.write_text(stamp, encoding="utf-8")
    known: list[bool] = []
    monkeypatch.setattr(run, "demand", lambda *_: known.append(environment.exists()))
    assert run.prepare_environment()
    assert known == [False], "an installation that fails is tried again"
    assert environment.read_text(encoding="utf-8") == "3.14numpy\n"
    run.make_environment.assert_not_called()  # type: ignore[attr-defined]


def test_a_full_disk_behind_the_installation_is_told_and_all_is_checked_again(
    environment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment.write_text("3.13numpy\n", encoding="utf-8")
    monkeypatch.setattr(run, "demand", Mock())
    full = OSError(errno.ENOSPC, "No space left on device", str(environment))
    with monkeypatch.context() as writing:
        writing.setattr(Path, "write_text", Mock(side_effect=full))
        with pytest.raises(run.StopError, match=r"No space left on device.*; make room and run"):
            run.prepare_environment()
    assert run.prepare_environment(), "it is not taken for whole"


def test_an_environment_that_is_missing_is_made(
    environment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "version_in_environment", Mock(side_effect=["", "3.14"]))
    monkeypatch.setattr(run, "demand", Mock())
    assert run.prepare_environment()
    run.make_environment.assert_called_once()  # type: ignore[attr-defined]


@pytest.mark.parametrize("error", [OSError(), subprocess.CalledProcessError(1, "python")])
def test_an_environment_whose_python_does_not_run_has_no_version(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subprocess, "check_output", Mock(side_effect=error))
    assert run.version_in_environment() is None


def test_an_environment_replaces_a_broken_one() -> None:
    run.make_environment()
    assert venv.create.call_args.kwargs["clear"]  # type: ignore[attr-defined]


@pytest.mark.parametrize("missing", ["venv", "ensurepip"])
def test_a_python_that_can_make_no_environment_is_told_of(
    missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: name != missing or None)
    with pytest.raises(run.StopError, match=r"apt-get install python3\.\d+-venv$"):
        run.make_environment()


def test_a_folder_in_which_no_environment_can_be_made_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No program in such a folder could be named in PATH, so that venv refuses it."""
    monkeypatch.setattr(venv, "create", create)
    monkeypatch.setattr(run, "ENVIRONMENT", tmp_path / f"a{os.pathsep}b" / ".venv")
    with pytest.raises(run.StopError, match=r"\.venv could not be made: .*PATH separator"):
        run.make_environment()


def test_what_a_link_leads_to_is_not_replaced(tmp_path: Path) -> None:
    (shared := tmp_path / "shared").mkdir()
    run.ENVIRONMENT.symlink_to(shared)
    with pytest.raises(
        run.StopError, match=rf"^\.venv is a link to {re.escape(str(shared))}, .* stays as"
    ):
        run.make_environment()
    venv.create.assert_not_called()  # type: ignore[attr-defined]


def test_the_reason_why_no_environment_can_be_made_has_no_full_stop_of_its_own(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(venv, "create", Mock(side_effect=OSError("The disk is full.")))
    with pytest.raises(run.StopError, match=r"could not be made: The disk is full$"):
        run.make_environment()


# --- what else a run needs


def test_without_a_browser_nothing_is_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "run", lambda *_, **__: (0, "/a/browser\n"))
    assert run.find_browser() == "/a/browser"
    monkeypatch.setattr(run, "run", lambda *_, **__: (1, ""))
    with pytest.raises(run.StopError, match=r"^without a browser nothing was checked$"):
        run.find_browser()


@pytest.mark.parametrize(
    ("there", "user", "installed"),
    [
        ({"redis-server", "apt-get"}, 0, False),
        ({"apt-get"}, 0, True),
        ({"apt-get"}, 1000, False),
        (set[str](), 0, False),
    ],
)
def test_a_redis_is_installed_where_there_is_none_and_it_may_be(
    there: set[str],
    user: int,
    installed: bool,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    commands = Mock(return_value=(0, ""))
    monkeypatch.setattr(run, "run", commands)
    monkeypatch.setattr(shutil, "which", lambda name: name if name in there else None)
    monkeypatch.setattr(os, "geteuid", lambda: user, raising=False)
    run.find_redis()
    assert commands.called == installed
    assert ("are skipped" in capsys.readouterr().out) == ("redis-server" not in there)


@pytest.fixture
def scripts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """Check the scripts with these programs, each of which ends with a status."""
    monkeypatch.setattr(run, "ENVIRONMENT", tmp_path)

    def check(*, there: bool, **status: int) -> list[str]:
        tsc = tmp_path / run.TYPESCRIPT / "node_modules" / "typescript" / "bin" / "tsc"
        if there:
            tsc.parent.mkdir(parents=True, exist_ok=True)
            tsc.touch()
        ran: list[str] = []

        def ran_now(*_: str, program: str, **__: Any) -> tuple[int, str]:
            ran.append(program)
            return status[program], ""

        monkeypatch.setattr(run, "run", ran_now)
        monkeypatch.setattr(shutil, "which", lambda name: name if name in status else None)
        run.check_scripts()
        return ran

    return check


def test_the_scripts_are_checked_where_there_is_a_node(
    scripts: Callable[..., list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert scripts(there=False, npm=0) == scripts(there=False, node=0) == []
    assert capsys.readouterr().out.count("tsc skipped: there is no node with npm") == 2
    assert scripts(there=False, node=0, npm=1) == ["npm"]
    assert "tsc skipped: npm could not install" in capsys.readouterr().out
    assert scripts(there=False, node=0, npm=0) == ["npm", "node"]
    assert scripts(there=True, node=0, npm=1) == ["node"], "it is installed once"
    with pytest.raises(run.StopError, match=r"^tsc failed; ") as stopped:
        scripts(there=True, node=2, npm=0)
    assert stopped.value.status == 2
