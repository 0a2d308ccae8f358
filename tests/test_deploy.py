"""Checks of the files in deploy/ that need no Docker, Kubernetes or nginx."""

import re
import runpy
import subprocess
import sys
import tomllib
import urllib.request
from pathlib import Path

import pytest

from pages.stack.own_numbers import FILE_MOST

ROOT = Path(__file__).resolve().parents[1]
DEPLOY = ROOT / "deploy"


@pytest.mark.parametrize(
    "command",
    [
        [
            "check_jsonschema",
            "--builtin-schema",
            "vendor.compose-spec",
            str(DEPLOY / "compose.yaml"),
        ],
        ["kubernetes_validate", "--strict", str(DEPLOY / "kubernetes.yaml")],
    ],
    ids=["compose", "kubernetes"],
)
def test_a_manifest_keeps_to_its_schema(command: list[str]) -> None:
    said = subprocess.run(
        [sys.executable, "-m", *command], capture_output=True, encoding="utf-8", check=False
    )
    assert said.returncode == 0, said.stdout + said.stderr


def test_the_image_has_what_the_app_needs() -> None:
    dockerfile = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    assert re.search(r"^ENV .*\bMALLOC_ARENA_MAX=2\b", dockerfile, re.MULTILINE)
    copied = {
        name.rstrip("/")
        for line in re.findall(r"^COPY (.+)$", dockerfile, re.MULTILINE)
        for name in line.split()[:-1]
    }
    assert copied == {"app.py", "LICENSE", "requirements.txt", ".streamlit", "engine", "pages"}
    assert all((ROOT / name).exists() for name in copied)
    ignored = (DEPLOY / "Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    assert {line[1:] for line in ignored if line.startswith("!")} == copied


@pytest.mark.parametrize("base", ["", "backprop", "/backprop/"])
def test_the_health_check_asks_below_the_base_path_in_whichever_way_it_is_written(
    base: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The app itself takes all of them."""
    dockerfile = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    (check,) = re.findall(r'CMD python -c "(.*)"$', dockerfile, re.MULTILINE)
    (tmp_path / "check.py").write_text(check, encoding="utf-8")
    asked: list[str] = []
    monkeypatch.setattr(urllib.request, "urlopen", lambda url, timeout: asked.append(url))
    monkeypatch.setenv("STREAMLIT_SERVER_BASE_URL_PATH", base)
    runpy.run_path(str(tmp_path / "check.py"))
    below = "/backprop" if base else ""
    assert asked == [f"http://127.0.0.1:8501{below}/_stcore/health"]


def test_a_file_as_large_as_is_read_gets_through() -> None:
    config = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    taken = config["server"]["maxUploadSize"] * 2**20
    assert FILE_MOST <= taken < 1.1 * FILE_MOST
    for file, setting in (
        ("nginx.conf", r"client_max_body_size (\d+)m;"),
        ("kubernetes.yaml", r"proxy-body-size: (\d+)m$"),
    ):
        text = (DEPLOY / file).read_text(encoding="utf-8")
        passed = re.findall(setting, text, re.MULTILINE)
        assert [int(each) * 2**20 > taken for each in passed] == [True], file
