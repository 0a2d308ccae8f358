"""Run every check: `python3 tests/run.py`, on Linux, macOS or Windows.

Needs nothing but Python 3.11 or newer. Makes the environment .venv, finds or installs a browser,
then runs ruff, mypy and pytest, and ends with the exit status of the first that fails. Arguments
go to pytest: `python3 tests/run.py -k conv`. The tests find the browser in CHROME_PATH, which may
also be set beforehand.
"""

from __future__ import annotations  # so that an older Python gets as far as its refusal

import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ENVIRONMENT = ROOT / ".venv"
PYTHON = str(ENVIRONMENT / ("Scripts/python.exe" if os.name == "nt" else "bin/python"))
STAMP = ENVIRONMENT / "installed.txt"
REQUIREMENTS = (ROOT / "requirements.txt", ROOT / "tests" / "requirements.txt")
CHECKS = (("ruff", "check"), ("ruff", "format", "--check"), ("mypy",))

BROWSER_NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "msedge",
)
BROWSER_PLACES = {
    "darwin": (
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        "/Applications/Chromium.app/Contents/MacOS/Chromium",
        "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    ),
    "win32": tuple(
        f"{os.environ[folder]}/{program}"
        for program in ("Google/Chrome/Application/chrome.exe", "Microsoft/Edge/Application/msedge.exe")
        for folder in ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA")
        if folder in os.environ
    ),
}
ASK_PLAYWRIGHT = """
from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    print(playwright.chromium.executable_path)
"""

# A bare system has no font either, and a page without glyphs has no sizes worth testing.
PACKAGE_MANAGERS = {
    "apt-get": (
        ("update",),
        ("install", "--yes", "--no-install-recommends", "chromium", "fonts-dejavu-core"),
    ),
    "dnf": (("install", "--assumeyes", "chromium", "dejavu-sans-fonts"),),
    "pacman": (("-S", "--noconfirm", "--needed", "chromium", "ttf-dejavu"),),
    "zypper": (("--non-interactive", "install", "chromium", "dejavu-fonts"),),
}


class CannotGoOn(Exception):
    """What is missing, and what to do about it, in a sentence."""


class CommandFailed(Exception):
    """What a command printed before it failed."""


def main(arguments: Sequence[str]) -> int:
    """Prepare, then run the checks; return the exit status."""
    try:
        prepare_environment()
        browser = find_browser() or install_browser()
        print(f"- browser: {browser}", flush=True)
        for check in CHECKS:
            with step(" ".join(check)):
                status = run(PYTHON, "-m", *check)
            if status:
                return give_up(f"{' '.join(check)} failed; what comes after it did not run.", status)
        print("- pytest", flush=True)
        status = run(PYTHON, "-m", "pytest", *arguments, CHROME_PATH=browser)
        return give_up("pytest failed.", status) if status else 0
    except CannotGoOn as missing:
        return give_up(str(missing), 1)
    except KeyboardInterrupt:
        return give_up("interrupted.", 130)


def give_up(reason: str, status: int) -> int:
    """Say why this run ends without success; return the exit status."""
    print(f"\ntests/run.py: {reason}", file=sys.stderr, flush=True)
    return status


@contextmanager
def step(title: str) -> Iterator[None]:
    """Print what is being done, and afterwards how long it took."""
    print(f"- {title}", flush=True)
    start = time.monotonic()
    yield
    print(f"  {time.monotonic() - start:.1f} s", flush=True)


def run(*command: str, **variables: str) -> int:
    """Run a command of the project in sight of the user; return its exit status."""
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **variables})
    try:
        return process.wait()
    except KeyboardInterrupt:
        # The terminal interrupts the command too; let it stop its servers and browsers.
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=20)
        raise
    finally:
        process.kill()


def quietly(*command: str, minutes: float) -> str:
    """Run a command within a time limit and return what it prints; it leaves no process behind."""
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        start_new_session=True,
    )
    try:
        printed, _ = process.communicate(timeout=minutes * 60)
    except subprocess.TimeoutExpired:
        raise CommandFailed(f"no end after {minutes:g} minutes") from None
    finally:
        if process.poll() is None:
            end_with_children(process)
    if process.returncode:
        raise CommandFailed(printed.strip())
    return printed


def end_with_children(process: subprocess.Popen[str]) -> None:
    """End a process of ours, and those that it has started."""
    if sys.platform == "win32":
        tree = ("taskkill", "/F", "/T", "/PID", str(process.pid))
        subprocess.run(tree, capture_output=True, check=False)
    else:
        with suppress(PermissionError, ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
    process.wait()


def prepare_environment() -> None:
    """Make .venv, or mend it, and install what the tests require, unless it is there already."""
    wanted = "".join(file.read_text(encoding="utf-8") for file in REQUIREMENTS)
    version = python_of_environment()
    if version and STAMP.exists() and STAMP.read_text(encoding="utf-8") == version + wanted:
        print("- .venv has what is required", flush=True)
        return
    try:
        if not version:
            make_environment()
            version = python_of_environment()
        with step("installing into .venv, which takes a minute"):
            STAMP.unlink(missing_ok=True)
            pip = (PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
            quietly(*pip, "-r", str(REQUIREMENTS[-1]), minutes=20)
            STAMP.write_text(f"{version}{wanted}", encoding="utf-8")
    except CommandFailed as failure:
        raise CannotGoOn(f"the environment .venv could not be made.\n{failure}") from None


def python_of_environment() -> str | None:
    """Return the version of .venv's Python; None where it is missing, broken or without pip."""
    with suppress(OSError, CommandFailed):
        return quietly(PYTHON, "-c", "import pip, sys; print(sys.version)", minutes=1)
    return None


def make_environment() -> None:
    """Make .venv anew."""
    if not (importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip")):
        package = f"python3.{sys.version_info.minor}-venv"
        raise CannotGoOn(
            "this Python cannot make environments, because its ensurepip is missing; "
            f"on Debian and Ubuntu install it with: apt-get install {package}"
        )
    with step("making .venv"):
        quietly(sys.executable, "-m", "venv", "--clear", str(ENVIRONMENT), minutes=5)


def find_browser() -> str | None:
    """Return the path of a Chrome or Chromium that starts."""
    if chosen := os.environ.get("CHROME_PATH"):
        if not starts(chosen):
            raise CannotGoOn(f"CHROME_PATH names {chosen}, which does not start.")
        return chosen
    on_path = filter(None, map(shutil.which, BROWSER_NAMES))
    for candidate in (*on_path, *BROWSER_PLACES.get(sys.platform, ())):
        if starts(candidate):
            return candidate
    with suppress(CommandFailed):
        candidate = quietly(PYTHON, "-c", ASK_PLAYWRIGHT, minutes=1).strip()
        if starts(candidate):
            return candidate
    return None


def starts(browser: str) -> bool:
    """Tell whether a browser can run: some commands are only stubs, or lack a library."""
    if sys.platform == "win32":  # where --version opens a window
        return Path(browser).is_file()
    try:
        quietly(browser, "--version", minutes=1)
    except (OSError, CommandFailed):
        return False
    return True


def install_browser() -> str:
    """Install a browser, Playwright's or else the system's, and return its path."""
    administrator = as_administrator()
    tried = []
    try:
        with step("no Chrome or Chromium found: downloading Playwright's, for 5 minutes at most"):
            playwright = (PYTHON, "-m", "playwright")
            quietly(*playwright, "install", "--no-shell", "chromium", minutes=5)
            if administrator == () and sys.platform == "linux":
                quietly(*playwright, "install-deps", "chromium", minutes=15)
    except CommandFailed as failure:
        tried.append(first_error(failure))
    ...
