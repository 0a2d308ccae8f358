"""Find a Chrome or Chromium, or install one: `python -m tests.find_browser` prints its path.

Progress goes to standard error. The search tries CHROME_PATH, the PATH, the usual places on
macOS and Windows, and Playwright's own browser, in this order. If no browser starts, Playwright's
is installed or, if that fails, the system's package.
"""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from playwright.sync_api import sync_playwright

PLAYWRIGHT = (sys.executable, "-m", "playwright")
NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "msedge",
)
PLACES_ON_MACOS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
)
FOLDERS_ON_WINDOWS = ("PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA")
PLACES_ON_WINDOWS = (
    "Google/Chrome/Application/chrome.exe",
    "Chromium/Application/chrome.exe",
    "Microsoft/Edge/Application/msedge.exe",
)
APT = ("--yes", "--no-install-recommends")
# With fonts: a bare system has none, and text without glyphs has no size worth testing. Liberation
# Sans has the widths of Arial, for which the pictures are made; DejaVu has the signs it lacks.
BROWSER_PACKAGES = {
    "apt-get": (
        ("update",),
        ("install", *APT, "chromium", "fonts-liberation", "fonts-dejavu-core"),
        ("install", *APT, "chromium-headless-shell"),
    ),
    "dnf": (("install", "--assumeyes", "chromium", "liberation-sans-fonts", "dejavu-sans-fonts"),),
    "pacman": (("-S", "--noconfirm", "--needed", "chromium", "ttf-liberation", "ttf-dejavu"),),
    "zypper": (("--non-interactive", "install", "chromium", "liberation-fonts", "dejavu-fonts"),),
}
# What Playwright's own program, which drives the browser, needs and a bare Linux may lack.
DRIVER_PACKAGES = {
    "apt-get": (("update",), ("install", *APT, "libatomic1")),
    "dnf": (("install", "--assumeyes", "libatomic"),),
    "zypper": (("--non-interactive", "install", "libatomic1"),),
}


class FailedError(Exception):
    """A command failed or could not be tried; the text is what it printed, or the reason."""

    def __str__(self) -> str:
        """Return the one line that says what went wrong."""
        lines = [line.strip() for line in super().__str__().splitlines() if line.strip()]
        errors = [line for line in lines if line.startswith(("Error:", "E:"))]
        return (errors or lines or ["no reason given"])[0]


def browser_path() -> str:
    """Return the path of a browser, installing one if need be."""
    see_to_driver()
    browser = find()
    for install in () if browser else (install_playwrights, install_systems):
        try:
            install()
        except FailedError as failure:
            tell(f"not possible: {failure}")
        if browser := find():
            break
    if not browser:
        sys.exit(
            "No Chrome or Chromium is here, and none could be installed: please install one "
            "(on Debian: apt-get install chromium fonts-liberation), or name it in CHROME_PATH."
        )
    return browser


def see_to_driver() -> None:
    """Install what Playwright's driver needs; exit if it still does not start."""
    driver = (*PLAYWRIGHT, "--version")
    try:
        quietly(*driver, minutes=1)
        return
    except FailedError as failure:
        tell(f"Playwright does not start: {failure}")
    try:
        install_packages(DRIVER_PACKAGES)
        quietly(*driver, minutes=1)
    except FailedError as failure:
        sys.exit(f"Playwright, which drives the browser, could not be made to start: {failure}")


def find() -> str | None:
    """Return CHROME_PATH if it is set, otherwise the first browser that starts, or None."""
    if chosen := os.environ.get("CHROME_PATH"):
        if not starts(chosen):
            sys.exit(f"CHROME_PATH names {chosen}, which does not start.")
        return chosen
    return next(filter(starts, candidates()), None)


def candidates() -> Iterator[str]:
    """Yield the paths at which a browser may be."""
    yield from filter(None, map(shutil.which, NAMES))
    if sys.platform == "darwin":
        yield from PLACES_ON_MACOS
    if sys.platform == "win32":
        folders = filter(None, map(os.environ.get, FOLDERS_ON_WINDOWS))
        yield from (f"{folder}/{place}" for folder in folders for place in PLACES_ON_WINDOWS)
    with sync_playwright() as playwright:
        yield playwright.chromium.executable_path


def starts(browser: str) -> bool:
    """Return whether a browser runs: the command may be a mere stub, or lack a library."""
    if sys.platform == "win32":  # where --version would open a window
        return Path(browser).is_file()
    try:
        quietly(browser, "--version", minutes=1)
    except (FailedError, OSError):
        return False
    return True


def install_playwrights() -> None:
    """Install Playwright's Chromium and, on a bare Linux, the libraries and fonts it needs."""
    tell("none here: downloading Playwright's Chromium, for 5 minutes at most")
    quietly(*PLAYWRIGHT, "install", "--no-shell", "chromium", minutes=5)
    if sys.platform == "linux" and not find():
        tell("installing the libraries that it needs")
        quietly(*administrator(), *PLAYWRIGHT, "install-deps", "chromium", minutes=15)


def install_systems() -> None:
    """Install the system's Chromium, and a font."""
    install_packages(BROWSER_PACKAGES)


def install_packages(packages: Mapping[str, Iterable[tuple[str, ...]]]) -> None:
    """Install with the system's package manager; packages: its name -> its commands."""
    manager = next(filter(shutil.which, packages), None)
    if not manager:
        raise FailedError("no package manager that this script knows")
    for arguments in packages[manager]:
        command = (*administrator(), "env", "DEBIAN_FRONTEND=noninteractive", manager, *arguments)
        tell(" ".join(command[-len(arguments) - 1 :]))
        quietly(*command, minutes=15)


def administrator() -> tuple[str, ...]:
    """Return the prefix of a command that only root may run."""
    if sys.platform != "win32" and os.geteuid() == 0:
        return ()
    try:
        quietly("sudo", "-n", "true", minutes=1)
    except (FailedError, OSError):
        raise FailedError("it takes root, or sudo without a password") from None
    return ("sudo", "-n")


def quietly(*command: str, minutes: float) -> None:
    """Run a command within a time limit; show what it prints only if it fails."""
    process = subprocess.Popen(
        command,
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
        raise FailedError(f"no end after {minutes:g} minutes") from None
    finally:
        end(process)
    if process.returncode:
        raise FailedError(printed)


def end(process: subprocess.Popen[str]) -> None:
    """End one of our processes if it still runs, with its children, say Playwright's download."""
    if process.poll() is not None:
        return
    if sys.platform == "win32":
        tree = ("taskkill", "/F", "/T", "/PID", str(process.pid))
        subprocess.run(tree, capture_output=True, check=False)
        return
    for order in (signal.SIGTERM, signal.SIGKILL):
        with suppress(PermissionError, ProcessLookupError, subprocess.TimeoutExpired):
            os.killpg(process.pid, order)
            process.wait(timeout=10)


def tell(what: str) -> None:
    """Report progress on standard error: standard output has the path alone."""
    print(f"  {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    # Ending this program ends a running installation as well: `quietly` then ends its process.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(130))
    print(browser_path())
