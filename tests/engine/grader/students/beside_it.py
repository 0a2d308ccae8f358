from abc import ABC, abstractmethod

from engine import Conv1D as Conv1D


class Layer(ABC):
    @abstractmethod
    def forward(self, *args): ...

    @abstractmethod
    def backward(self, dout): ...
