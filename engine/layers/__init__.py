"""The layers, one family per file; a file states everything that is specific to its layers."""

from engine.layers.activations import Abs, Elementwise, LeakyReLU, ReLU, Softplus
from engine.layers.base import Gate, Layer, Operation
from engine.layers.convolution import Conv1D, Conv2D
from engine.layers.graph import ConvBlock, Graph, Residual, Sequential
from engine.layers.joins import Add, Concat, Maximum
from engine.layers.linear import Flatten, Linear
from engine.layers.loss import SoftmaxCrossEntropy
from engine.layers.pooling import AvgPool, AvgPool2D, MaxPool, MaxPool2D

__all__ = [
    "Abs",
    "Add",
    "AvgPool",
    "AvgPool2D",
    "Concat",
    "Conv1D",
    "Conv2D",
    "ConvBlock",
    "Elementwise",
    "Flatten",
    "Gate",
    "Graph",
    "Layer",
    "LeakyReLU",
    "Linear",
    "MaxPool",
    "MaxPool2D",
    "Maximum",
    "Operation",
    "ReLU",
    "Residual",
    "Sequential",
    "SoftmaxCrossEntropy",
    "Softplus",
]
