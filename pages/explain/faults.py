"""What a visitor is told where the server lacks a file."""

import os
from pathlib import Path
from typing import Final

from engine.errors import EngineError

_ROOT: Final = f"{Path(__file__).parents[2]}{os.sep}"


def said(error: EngineError) -> str:
    """The sentence, with our files' places below the project's folder: where that is, is ours."""
    return f"{error}.".replace(_ROOT, "")
