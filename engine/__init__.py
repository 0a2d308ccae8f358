"""A numpy engine that computes forward and backward passes, and says why a gradient is zero."""

from engine.check import gradient_check, one_sided
from engine.errors import EngineError, NumberError, OrderError, SettingError, ShapeError
from engine.flows import Term, flows, slopes, terms
from engine.kinks import LAB, RULES, Kinks, Rule
from engine.layers import (
    Conv1D,
    Conv2D,
    ConvBlock,
    Flatten,
    Gate,
    Layer,
    Linear,
    MaxPool,
    MaxPool2D,
    ReLU,
    Sequential,
    SoftmaxCrossEntropy,
)
from engine.trace import Step, Stop, Trace, trace
from engine.training import SGD, Network, Trainer
from engine.why import Why

__all__ = [
    "LAB",
    "RULES",
    "SGD",
    "Conv1D",
    "Conv2D",
    "ConvBlock",
    "EngineError",
    "Flatten",
    "Gate",
    "Kinks",
    "Layer",
    "Linear",
    "MaxPool",
    "MaxPool2D",
    "Network",
    "NumberError",
    "OrderError",
    "ReLU",
    "Rule",
    "Sequential",
    "SettingError",
    "ShapeError",
    "SoftmaxCrossEntropy",
    "Step",
    "Stop",
    "Term",
    "Trace",
    "Trainer",
    "Why",
    "flows",
    "gradient_check",
    "one_sided",
    "slopes",
    "terms",
    "trace",
]
