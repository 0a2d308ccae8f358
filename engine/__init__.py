"""A numpy engine that computes forward and backward passes, and says why a gradient is zero."""

from engine.check import gradient_check, one_sided
from engine.errors import EngineError, NumberError, OrderError, SettingError, ShapeError
from engine.flows import Term, flows, terms
from engine.kinks import LAB, RULES, Kinks, Rule
from engine.layers import (
    Conv1D,
    Conv2D,
    ConvBlock,
    Gate,
    Layer,
    MaxPool,
    MaxPool2D,
    ReLU,
    Sequential,
)
from engine.trace import Step, Trace, trace
from engine.why import Why

__all__ = [
    "LAB",
    "RULES",
    "Conv1D",
    "Conv2D",
    "ConvBlock",
    "EngineError",
    "Gate",
    "Kinks",
    "Layer",
    "MaxPool",
    "MaxPool2D",
    "NumberError",
    "OrderError",
    "ReLU",
    "Rule",
    "Sequential",
    "SettingError",
    "ShapeError",
    "Step",
    "Term",
    "Trace",
    "Why",
    "flows",
    "gradient_check",
    "one_sided",
    "terms",
    "trace",
]
