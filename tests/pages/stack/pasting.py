"""Paste code into a stack; parts of code, of stacks and of remarks that recur."""

from pages.stack.paste import read_pytorch


def remarks(code: str) -> tuple[str, tuple[str, ...]]:
    """Return the stack of a code as text, and what is said of the code."""
    pasted = read_pytorch(code)
    return str(pasted.stack), pasted.remarks


CLASSES = (
    "class Net(nn.Module):\n    def __init__(self):\n        self.fc = nn.Linear(4, 3)\n"
    "    def forward(self, x):\n        return {}\nnet = Net()\n"
)

LEFT_OUT = "is not known here and was left out"
ON = f"{LEFT_OUT}: its input goes on as it is."

AROUND = "model = nn.Sequential(nn.Linear(2, 2), nn.ReLU())"

OF_LINEAR = "linear(3,bias=True)-relu"

TWO_LINEAR = "linear(3,bias=True)-relu-linear(2,bias=True)"

SHARED = "linear is used twice with the same weights; here the second has its own."

LABELS = "the labels are not read here: each is 0."


def in_forward(code: str) -> str:
    """Return a network of one linear layer, `self.a`, with this code as its forward."""
    return (
        "class A(nn.Module):\n    def __init__(self):\n        self.a = nn.Linear(4, 3)\n"
        f"    def forward(self, x):\n        {code}\nmodel = A()"
    )


NET = (
    "class Net(nn.Module):\n"
    "    def __init__(self, hidden=3):\n"
    "        super().__init__()\n"
    "        self.fc = nn.Linear(4, hidden)\n"
    "        self.soft = nn.Softmax()\n"
    "    def forward(self, x):\n"
    "        return F.relu(self.fc(x))\n"
)
SOFTMAX = "Line 5, column 21: Softmax is not known here and was left out."
