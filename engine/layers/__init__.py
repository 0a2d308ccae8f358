"""One family of layers a file: formula, shapes, apply, vjp; nothing else."""

from engine.layers.base import Layer
from engine.layers.convolution import Conv1D, Conv2D
from engine.layers.flatten import Flatten
from engine.layers.linear import Linear
from engine.layers.loss import SoftmaxCrossEntropy
from engine.layers.pooling import MaxPool, MaxPool2D
from engine.layers.relu import Gate, ReLU
from engine.layers.sequential import ConvBlock, Sequential

__all__ = [
    "Conv1D",
    "Conv2D",
    "ConvBlock",
    "Flatten",
    "Gate",
    "Layer",
    "Linear",
    "MaxPool",
    "MaxPool2D",
    "ReLU",
    "Sequential",
    "SoftmaxCrossEntropy",
]
