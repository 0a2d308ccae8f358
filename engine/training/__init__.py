"""Training a network of the very layers that the pages show, on MNIST or what looks like it."""

from engine.training.architectures import ARCHITECTURES, Architecture
from engine.training.evaluation import Evaluation
from engine.training.network import Network, as_inputs
from engine.training.records import LayerRecord, Record
from engine.training.sgd import SGD
from engine.training.trainer import Trainer
from engine.training.weights import Saved, load, save, shipped

__all__ = [
    "ARCHITECTURES",
    "SGD",
    "Architecture",
    "Evaluation",
    "LayerRecord",
    "Network",
    "Record",
    "Saved",
    "Trainer",
    "as_inputs",
    "load",
    "save",
    "shipped",
]
