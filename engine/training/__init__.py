"""Training a network of the same layers that the pages show, on MNIST or images of its format."""

from engine.training.network import ARCHITECTURES, Architecture, Evaluation, Network, as_inputs
from engine.training.sgd import SGD
from engine.training.trainer import LayerRecord, Record, Trainer
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
