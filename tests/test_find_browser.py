"""How the tests find a browser, or install one, on systems that this one is not."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from types import SimpleNamespace
from unittest.mock import Mock

import pytest

from tests import find_browser
from tests.find_browser import FailedError

Commands = list[tuple[str, ...]]


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> Commands:
    """The commands that would be run; none is."""
    ran: Commands = []
    monkeypatch.setattr(find_browser, "quietly", lambda *command, minutes: ran.append(command))
    return ran


@pytest.mark.parametrize(
    ("printed", "said"),
    [
        ("Reading …\nE: Unable to locate package\nE: more\n", "E: Unable to locate package"),
        ("\n  Downloading\nError: getaddrinfo\n", "Error: getaddrinfo"),
        ("\n  it takes root\n", "it takes root"),
        ("\n", "no reason given"),
    ],
)
def test_a_failure_is_the_line_that_says_what_went_wrong(printed: str, said: str) -> None:
    assert str(FailedError(printed)) == said


@pytest.mark.parametrize(
    ("found", "installed", "path"),
    [
        (["/a"], [], "/a"),
        ([None, "/b"], ["Playwright's"], "/b"),
        ([None, None, "/c"], ["Playwright's", "the system's"], "/c"),
    ],
)
def test_a_browser_is_installed_until_one_starts(
    found: list[str | None], installed: list[str], path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    monkeypatch.setattr(find_browser, "see_to_driver", lambda: None)
    monkeypatch.setattr(find_browser, "find", Mock(side_effect=found))
    monkeypatch.setattr(find_browser, "install_playwrights", lambda: done.append("Playwright's"))
    monkeypatch.setattr(find_browser, "install_systems", lambda: done.append("the system's"))
    assert find_browser.browser_path() == path
    assert done == installed


def test_where_none_can_be_installed_it_is_said_what_to_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(find_browser, "see_to_driver", lambda: None)
    monkeypatch.setattr(find_browser, "find", lambda: None)
    for name in ("install_playwrights", "install_systems"):
        monkeypatch.setattr(find_browser, name, Mock(side_effect=FailedError("no network")))
    with pytest.raises(SystemExit, match=r"please install one .*, or name it in CHROME_PATH"):
        find_browser.browser_path()
    said = capsys.readouterr()
    assert said.err == 2 * "  not possible: no network\n"
    assert said.out == "", "which has the path alone"


def test_what_the_driver_needs_is_installed_where_it_does_not_start(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    packages = Mock()
    monkeypatch.setattr(find_browser, "install_packages", packages)
    monkeypatch.setattr(find_browser, "quietly", Mock())
    find_browser.see_to_driver()
    packages.assert_not_called()
    monkeypatch.setattr(
        find_browser, "quietly", Mock(side_effect=[FailedError("no libatomic"), None])
    )
    find_browser.see_to_driver()
    packages.assert_called_once_with(find_browser.DRIVER_PACKAGES)
    monkeypatch.setattr(find_browser, "quietly", Mock(side_effect=FailedError("no libatomic")))
    with pytest.raises(SystemExit, match=r"could not be made to start: no libatomic$"):
        find_browser.see_to_driver()


def test_a_named_browser_is_taken_or_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHROME_PATH", "/named")
    monkeypatch.setattr(find_browser, "starts", lambda path: path == "/named")
    assert find_browser.find() == "/named"
    monkeypatch.setattr(find_browser, "starts", lambda path: False)
    with pytest.raises(SystemExit, match=r"^CHROME_PATH names /named, which does not start\.$"):
        find_browser.find()
    monkeypatch.setenv("CHROME_PATH", "")
    monkeypatch.setattr(find_browser, "candidates", lambda: iter(["/a", "/b", "/c"]))
    monkeypatch.setattr(find_browser, "starts", lambda path: path != "/a")
    assert find_browser.find() == "/b"


@pytest.mark.parametrize(
    ("platform", "path"),
    [
        ("linux", None),
        ("darwin", "/Applications/Chromium.app/Contents/MacOS/Chromium"),
        ("win32", "C:/Program Files/Google/Chrome/Application/chrome.exe"),
    ],
)
def test_a_browser_is_looked_for_where_the_system_has_it(
    platform: str, path: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setenv("PROGRAMFILES", "C:/Program Files")
    monkeypatch.setattr(shutil, "which", lambda name: name if name == "chrome" else None)
    places = find_browser.candidates()
    found = [next(places)]
    assert found == ["chrome"], "what is in the PATH comes first"
    chromium = SimpleNamespace(executable_path="/playwright's")
    started = Mock()
    started.return_value.__enter__ = lambda _: SimpleNamespace(chromium=chromium)
    started.return_value.__exit__ = lambda *_: None
    monkeypatch.setattr(find_browser, "sync_playwright", started)
    rest = [*places]
    assert rest[-1] == "/playwright's"
    assert (path in rest) == (path is not None)
    assert len(rest) == 1 or path


@pytest.mark.parametrize("error", [None, FailedError("a stub"), FileNotFoundError()])
def test_a_browser_starts_if_it_tells_its_version(
    error: Exception | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(find_browser, "quietly", Mock(side_effect=error))
    assert find_browser.starts("/a") == (error is None)
    monkeypatch.setattr(sys, "platform", "win32")
    assert not find_browser.starts("/no/such.exe")
    assert find_browser.starts(__file__)


@pytest.mark.parametrize(("found", "count"), [("/a", 1), (None, 2)])
def test_playwrights_browser_gets_its_libraries_if_it_does_not_start_without(
    found: str | None, count: int, commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(find_browser, "find", lambda: found)
    monkeypatch.setattr(find_browser, "administrator", lambda: ("sudo", "-n"))
    find_browser.install_playwrights()
    assert len(commands) == count
    assert commands[-1][:2] == (("sudo", "-n") if count == 2 else (sys.executable, "-m"))


def test_packages_come_from_the_manager_that_is_there(
    commands: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(find_browser, "administrator", lambda: ())
    monkeypatch.setattr(shutil, "which", lambda name: name if name == "dnf" else None)
    find_browser.install_packages({"apt-get": (("update",),), "dnf": (("install", "a"),)})
    assert commands == [("env", "DEBIAN_FRONTEND=noninteractive", "dnf", "install", "a")]
    with pytest.raises(FailedError, match=r"no package manager"):
        find_browser.install_packages({"apt-get": ()})


@pytest.mark.parametrize(
    ("user", "error", "prefix"), [(0, OSError(), ()), (1000, None, ("sudo", "-n"))]
)
def test_root_needs_no_sudo_and_another_one_without_a_password(
    user: int, error: Exception | None, prefix: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(os, "geteuid", lambda: user, raising=False)
    monkeypatch.setattr(find_browser, "quietly", Mock(side_effect=error))
    assert find_browser.administrator() == prefix


@pytest.mark.parametrize("error", [FailedError("a password is required"), FileNotFoundError()])
def test_without_root_and_sudo_nothing_is_installed(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(os, "geteuid", lambda: 1000, raising=False)
    monkeypatch.setattr(find_browser, "quietly", Mock(side_effect=error))
    with pytest.raises(FailedError, match=r"it takes root, or sudo without a password"):
        find_browser.administrator()


def process(**said: object) -> Callable[..., Mock]:
    """What starts a process that says this."""
    return Mock(return_value=Mock(pid=12345, **said))


@pytest.mark.parametrize("status", [1, -9])
def test_a_command_that_fails_is_told_of_with_what_it_printed(
    status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = Mock()
    monkeypatch.setattr(find_browser, "end", ended)
    started = process(communicate=lambda timeout: (f"{timeout:g} s", None), returncode=status)
    monkeypatch.setattr(subprocess, "Popen", started)
    with pytest.raises(FailedError, match=r"^300 s$"):
        find_browser.quietly("a", minutes=5)
    ended.assert_called_once()


def test_a_command_that_does_not_end_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    ended = Mock()
    monkeypatch.setattr(find_browser, "end", ended)
    late = Mock(side_effect=subprocess.TimeoutExpired("a", 300))
    monkeypatch.setattr(subprocess, "Popen", process(communicate=late))
    with pytest.raises(FailedError, match=r"^no end after 5 minutes$"):
        find_browser.quietly("a", minutes=5)
    ended.assert_called_once()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no groups of processes")
def test_a_process_that_hears_no_request_to_end_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    orders = Mock()
    monkeypatch.setattr(os, "killpg", orders)
    late = Mock(side_effect=subprocess.TimeoutExpired("a", 10))
    find_browser.end(process(poll=lambda: None, wait=late)())
    assert [call.args for call in orders.call_args_list] == [
        (12345, signal.SIGTERM),
        (12345, signal.SIGKILL),
    ]
    orders.reset_mock()
    find_browser.end(process(poll=lambda: 0)())
    orders.assert_not_called()
