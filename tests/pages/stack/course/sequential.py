import torch
import torch.nn as nn

# Exercise 3: trace the gradient by hand, then check it
model = nn.Sequential(
    nn.Conv1d(1, 2, 3),
    nn.ReLU(),
    nn.MaxPool1d(2),
    nn.Flatten(),
    nn.Linear(4, 3),
)
x = torch.randn(1, 1, 6)
y = model(x)
