"""What the engine says when it is given something that it cannot compute with.

    ValueError
    └── EngineError      anything below
        ├── ShapeError   the shapes do not fit the layer, or each other
        ├── NumberError  not real numbers: NaN, inf, booleans, text; or an overflow on the way
        ├── SettingError a layer or a rule was constructed with a setting that it cannot have
        ├── OrderError   backward was called before forward
        ├── LimitError   more work than whoever asks allows
        └── DataError    a file of data is missing, damaged or in another format

Every message says whose it is, what was needed and what came.
"""


class EngineError(ValueError):
    """Anything that the engine refuses."""


class ShapeError(EngineError):
    """The shapes do not fit the layer, or each other."""


class NumberError(EngineError):
    """A value is no finite real number, or a result left the range of its dtype."""


class SettingError(EngineError):
    """A layer or a rule was constructed with a setting that it cannot have."""


class OrderError(EngineError):
    """backward was called before forward."""


class LimitError(EngineError):
    """More work than whoever asks allows; the library itself has no limit."""


class DataError(EngineError):
    """A file of data is missing, damaged or in another format."""
