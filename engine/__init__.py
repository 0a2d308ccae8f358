"""A numpy engine that computes forward and backward passes, and says why a gradient is zero."""

from engine import layers
from engine.check import gradient_check, one_sided
from engine.errors import EngineError, NumberError, OrderError, SettingError, ShapeError
from engine.kinks import LAB, RULES, Kinks, Rule
from engine.layers import *  # noqa: F403 - the package lists its layers itself
from engine.trace import Step, Stop, Term, Trace, Value, flows, slopes, terms, trace
from engine.training import SGD, Network, Trainer
from engine.why import Why

__all__ = [
    "LAB",
    "RULES",
    "SGD",
    "EngineError",
    "Kinks",
    "Network",
    "NumberError",
    "OrderError",
    "Rule",
    "SettingError",
    "ShapeError",
    "Step",
    "Stop",
    "Term",
    "Trace",
    "Trainer",
    "Value",
    "Why",
    "flows",
    "gradient_check",
    "one_sided",
    "slopes",
    "terms",
    "trace",
]
__all__ += layers.__all__
