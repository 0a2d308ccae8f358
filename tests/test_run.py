"""What `python3 tests/run.py` says of a folder in which it cannot run."""

import os
from pathlib import Path

import pytest

from tests import run


def test_a_folder_in_which_no_environment_can_be_made_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No program in such a folder could be named in PATH, so that venv refuses it."""
    monkeypatch.setattr(run, "ENVIRONMENT", tmp_path / f"a{os.pathsep}b" / ".venv")
    with pytest.raises(run.StopError, match=r"\.venv could not be made: .*PATH separator"):
        run.make_environment()
