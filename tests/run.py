"""Run every check: `python3 tests/run.py`, on Linux, macOS or Windows.

Needs only Python 3.11 or newer. Creates the environment .venv, finds or installs a browser, then
runs ruff, mypy, tsc and pytest, and exits with the status of the first that fails. Arguments go to
pytest: `python3 tests/run.py -k conv`; for_each.py says how to choose subtests. The test files are
shared out among one process more than there are cores; with `-n 0` they run in a single process.
The tests find the browser's path in CHROME_PATH, which may also be set beforehand. tsc, which
checks the types of the browser's scripts, needs node and npm; tests of votes across several servers
need redis-server. If one of these is missing, a line says so and the rest runs.
"""

import sys

# An older Python may well start this file. So this comes before all imports that Python 3.6 lacks,
# and the whole file is in syntax that it parses.
if sys.version_info < (3, 11):  # noqa: UP036
    sys.exit(f"tests/run.py needs Python 3.11 or newer; this is Python {sys.version.split()[0]}.")

import importlib.util
import os
import runpy
import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ENVIRONMENT = ROOT / ".venv"
PYTHON = str(ENVIRONMENT / ("Scripts/python.exe" if os.name == "nt" else "bin/python"))
STAMP = ENVIRONMENT / "installed.txt"
REQUIREMENTS = (ROOT / "requirements.txt", ROOT / "tests" / "requirements.txt")
PROBE = "import pip, sys; assert sys.version_info >= (3, 11); print(sys.version)"
# One more than there are cores: for a sixth of the time a test waits, for a page or for a clock.
# The module is run by itself, because this Python may lack numpy, which `engine` imports.
PROCESSES = str(1 + runpy.run_path(str(ROOT / "engine" / "cores.py"))["cores"]())
# A file stays in one process, with one server and one browser for all its tests. Files keep their
# order, in which the browser's come first: they take longest, but have few tests, so that sorting
# by the number of tests would put them last.
SHARED_OUT = ("-n", PROCESSES, "--dist", "loadfile", "--no-loadscope-reorder")
CHECKS = (("ruff", "check"), ("ruff", "format", "--check"), ("mypy",))
TYPESCRIPT = "typescript@5.9.3"
SCRIPTS = ROOT / "pages" / "components" / "browser"  # with their tsconfig.json


class StopError(Exception):
    """The run ends here: the text says why, `status` is the exit status."""

    def __init__(self, reason: str, status: int = 1) -> None:
        super().__init__(reason)
        self.status = status


def main(arguments: Sequence[str]) -> int:
    """Prepare, then run the checks; return the exit status."""
    try:
        fresh = prepare_environment()
        os.environ["CHROME_PATH"] = find_browser()
        find_redis()
        # The run starts some hundred processes, which need not each compile the whole program.
        os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
        with compiled_meanwhile() if fresh else nullcontext():
            for check in CHECKS:
                with step(" ".join(check)):
                    demand(f"{' '.join(check)} failed; what follows it did not run", "-m", *check)
            check_scripts()
        print("- pytest", flush=True)  # pytest's own closing line, with its time, shall be the last
        demand("pytest failed", "-m", "pytest", *SHARED_OUT, *arguments, interactive=True)
    except StopError as stop:
        print(f"\ntests/run.py: {stop}.", file=sys.stderr)
        return stop.status
    except KeyboardInterrupt:
        print("\ntests/run.py: interrupted.", file=sys.stderr)
        return 130
    return 0


@contextmanager
def step(title: str) -> Iterator[None]:
    """Print what is being done, and afterwards how long it took."""
    print(f"- {title}", flush=True)
    start = time.monotonic()
    try:
        yield
    finally:
        print(f"  {time.monotonic() - start:.1f} s", flush=True)


def run(
    *arguments: str, program: str = PYTHON, capture: bool = False, interactive: bool = False
) -> tuple[int, str]:
    """Run the environment's Python or another program; return its status and captured output.

    Ctrl-C reaches an interactive command as well, which then reports what it has done so far and
    ends its servers and browsers. All others are ended from here, without printing tracebacks.
    """
    process = subprocess.Popen(
        (program, *arguments),
        cwd=ROOT,
        stdin=None if interactive else subprocess.DEVNULL,
        stdout=subprocess.PIPE if capture else None,
        encoding="utf-8",
        start_new_session=not interactive,
    )
    try:
        printed, _ = process.communicate()
    except KeyboardInterrupt:
        if not interactive:
            process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=20)
        raise
    finally:
        process.kill()
    return process.returncode, printed or ""


def demand(otherwise: str, *arguments: str, interactive: bool = False) -> None:
    """Run the environment's Python; if it fails, stop with its status and this sentence."""
    status, _ = run(*arguments, interactive=interactive)
    if status:
        raise StopError(otherwise, status)


@contextmanager
def compiled_meanwhile() -> Iterator[None]:
    """Let Python compile what the tests import, on the core that mypy leaves idle.

    Otherwise all of pytest's processes would do so at once: 17 s of processor time for three.
    """
    finding = subprocess.Popen(
        (PYTHON, "-m", "pytest", "--collect-only", "-qq"),
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,  # an error in a test is reported when it is run
        start_new_session=True,
    )
    try:
        yield
        finding.wait()
    finally:
        finding.kill()


def prepare_environment() -> bool:
    """Create or repair .venv and install the requirements; return whether there was need."""
    wanted = "".join(file.read_text(encoding="utf-8") for file in REQUIREMENTS)
    version = version_in_environment()
    if version and STAMP.exists() and STAMP.read_text(encoding="utf-8") == version + wanted:
        print("- .venv has what is required", flush=True)
        return False
    if not version:
        make_environment()
    with step("installing what is required into .venv (about a minute)"):
        STAMP.unlink(missing_ok=True)
        install = ("-m", "pip", "install", "--quiet", "--disable-pip-version-check")
        # The tests import only a quarter of the 7,700 modules; Python compiles those on import.
        required = ("--no-compile", "-r", str(REQUIREMENTS[-1]))
        demand("pip could not install what is required", *install, *required)
        try:
            STAMP.write_text(f"{version_in_environment()}{wanted}", encoding="utf-8")
        except OSError as error:
            reason = f"what is in .venv could not be noted in it: {error}; make room and run again"
            raise StopError(reason) from None
    return True


def version_in_environment() -> str | None:
    """Return the version of .venv's Python; None if it is missing, broken or too old."""
    with suppress(OSError, subprocess.CalledProcessError):
        command = (PYTHON, "-c", PROBE)
        return subprocess.check_output(command, stderr=subprocess.DEVNULL, encoding="utf-8")
    return None


def make_environment() -> None:
    """Create .venv, replacing one that is there, but nothing that a link leads to."""
    if ENVIRONMENT.is_symlink():
        raise StopError(
            f".venv is a link to {ENVIRONMENT.readlink()}, where no working Python 3.11 or newer "
            "is: what is there stays as it is; remove the link, or mend that environment"
        )
    if not (importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip")):
        raise StopError(
            "this Python cannot make a virtual environment, since it came without ensurepip; "
            f"on Debian and Ubuntu: apt-get install python3.{sys.version_info.minor}-venv"
        )
    import venv  # not at the top, since it may be missing too

    with step("making .venv"):
        try:
            venv.create(ENVIRONMENT, clear=True, with_pip=True, symlinks=os.name != "nt")
        except (OSError, ValueError, subprocess.CalledProcessError) as error:
            why = str(error).removesuffix(".")
            raise StopError(f"the virtual environment .venv could not be made: {why}") from None


def find_browser() -> str:
    """Return the path of a browser, installing one if need be."""
    with step("finding a browser"):
        status, printed = run("-m", "tests.find_browser", capture=True)
    if status:
        raise StopError("without a browser nothing was checked")
    return printed.strip()


def find_redis() -> None:
    """Install a missing Redis if apt-get is there and we are root; if it still is missing, say so.

    The system's own server is never used: the tests start theirs.
    """
    if shutil.which("redis-server"):
        return
    apt = shutil.which("apt-get")
    if apt and os.geteuid() == 0:
        with step("installing redis-server"):
            run("install", "--yes", "redis-server", program=apt, capture=True)
    if not shutil.which("redis-server"):
        print("- no redis-server on this machine: the tests that need one are skipped", flush=True)


def check_scripts() -> None:
    """Check the types of the browser's scripts, with a tsc that is installed inside .venv."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        print("- tsc skipped: there is no node with npm on this machine", flush=True)
        return
    folder = ENVIRONMENT / TYPESCRIPT
    tsc = folder / "node_modules" / "typescript" / "bin" / "tsc"
    if not tsc.exists():
        with step(f"installing {TYPESCRIPT} into .venv"):
            install = ("install", "--prefix", str(folder), "--no-audit", "--no-fund", TYPESCRIPT)
            status, _ = run(*install, program=npm, capture=True)
        if status:
            print(f"- tsc skipped: npm could not install {TYPESCRIPT}", flush=True)
            return
    with step("tsc"):
        status, _ = run(str(tsc), "--project", str(SCRIPTS), program=node)
    if status:
        raise StopError("tsc failed; what follows it did not run", status)


if __name__ == "__main__":
    sys.exit(main([argument for argument in sys.argv[1:] if argument != "--"]))
