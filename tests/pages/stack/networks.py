"""Networks as courses write them, each with the stack that it means; PyTorch's output is recorded.

    python -m tests.pages.stack.networks

needs PyTorch and writes networks.json beside this file: for each network the shapes of its
parameters and, with `numbers` for them and for x, its output.
"""

import json
from math import prod
from pathlib import Path
from typing import Any, NamedTuple

RECORDED = Path(__file__).with_name("networks.json")


class Pasted(NamedTuple):
    """Code that makes a `model`, the stack that it means, and a shape of x."""

    code: str
    stack: str
    shape: tuple[int, ...]


def numbers(count: int, start: int) -> list[float]:
    """This many multiples of 0.25 from −1 to 1, the same for the same start."""
    return [((start + 7 * i) % 9 - 4) / 4 for i in range(count)]


NETWORKS = {
    "sequential": Pasted(
        "model = nn.Sequential(nn.Conv1d(1, 2, 3), nn.ReLU(), nn.MaxPool1d(2), nn.Flatten(), "
        "nn.Linear(4, 3))",
        "conv1d(3,filters=2,bias=True)-relu-maxpool(2)-flatten-linear(3,bias=True)",
        (1, 1, 6),
    ),
    "keywords": Pasted(
        "model = nn.Sequential(\n"
        "    nn.Conv2d(in_channels=1, out_channels=2, kernel_size=(2, 3), stride=(1, 2),\n"
        "              padding=(1, 0), bias=False),\n"
        "    nn.LeakyReLU(negative_slope=0.25, inplace=True),\n"
        "    nn.MaxPool2d(kernel_size=2, stride=1),\n"
        ")",
        "conv2d((2,3),filters=2,stride=(1,2),padding=(1,0))-leakyrelu(0.25)-maxpool2d(2,stride=1)",
        (1, 1, 4, 7),
    ),
    "perceptron": Pasted(
        "hidden = 2 * 2\n"
        "model = torch.nn.Sequential(torch.nn.Linear(3, hidden), torch.nn.Softplus(),\n"
        "                            torch.nn.Linear(hidden, 2))",
        "linear(4,bias=True)-softplus-linear(2,bias=True)",
        (2, 3),
    ),
    "class": Pasted(
        "class Net(nn.Module):\n"
        '    """As in the second exercise."""\n'
        "    def __init__(self, channels=2):\n"
        "        super().__init__()\n"
        "        self.conv1 = nn.Conv2d(1, channels, 3)\n"
        "        self.conv2 = nn.Conv2d(channels, 3, 3)\n"
        "        self.pool = nn.MaxPool2d(2)\n"
        "        self.fc = nn.Linear(3, 4)\n"
        "    def forward(self, x):\n"
        "        x = self.pool(F.relu(self.conv1(x)))\n"
        "        x = self.pool(F.relu(self.conv2(x)))\n"
        "        x = x.view(x.size(0), -1)\n"
        "        return self.fc(x)\n"
        "model = Net()",
        "conv2d(3,filters=2,bias=True)-relu-maxpool2d(2)-conv2d(3,filters=3,bias=True)-relu-"
        "maxpool2d(2)-flatten-linear(4,bias=True)",
        (1, 1, 10, 10),
    ),
    "residual": Pasted(
        "class Block(nn.Module):\n"
        "    def __init__(self, channels):\n"
        "        super(Block, self).__init__()\n"
        "        self.conv1 = nn.Conv1d(channels, channels, 3, padding=1, bias=False)\n"
        "        self.conv2 = nn.Conv1d(channels, channels, 3, padding=1, bias=False)\n"
        "    def forward(self, x):\n"
        "        identity = x\n"
        "        out = F.relu(self.conv1(x))\n"
        "        out = self.conv2(out)\n"
        "        out += identity\n"
        "        return F.relu(out)\n"
        "model = nn.Sequential(Block(2), nn.AvgPool1d(2))",
        "residual(conv1d(3,filters=2,padding=1)-relu-conv1d(3,filters=2,padding=1))-relu-avgpool(2)",
        (1, 2, 6),
    ),
    "branches": Pasted(
        "class Inception(nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.one = nn.Conv2d(1, 2, 1)\n"
        "        self.three = nn.Conv2d(1, 1, kernel_size=3, padding='same')\n"
        "    def forward(self, x):\n"
        "        a, b = self.one(x), self.three(x).relu()\n"
        "        return torch.cat([a, b, x], dim=1)\n"
        "model = Inception()",
        "concat(conv2d(1,filters=2,bias=True)|conv2d(3,filters=1,padding=1,bias=True)-relu|,dim=1)",
        (1, 1, 4, 4),
    ),
    "maximum": Pasted(
        "class Maxout(nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.left = nn.Linear(3, 2)\n"
        "        self.right = nn.Linear(3, 2)\n"
        "    def forward(self, x):\n"
        "        return torch.maximum(self.left(x), self.right(x))\n"
        "model = Maxout()",
        "maximum(linear(2,bias=True)|linear(2,bias=True))",
        (2, 3),
    ),
    "names": Pasted(
        "from collections import OrderedDict\n"
        "model = nn.Sequential(OrderedDict([\n"
        "    ('conv', nn.Conv1d(2, 2, 3, 2, 1)),\n"
        "    ('act', nn.ReLU()),\n"
        "    ('rest', nn.Sequential(nn.Flatten(), nn.Linear(6, 2))),\n"
        "]))",
        "conv1d(3,filters=2,stride=2,padding=1,bias=True)-relu-flatten-linear(2,bias=True)",
        (2, 2, 5),
    ),
    "functions": Pasted(
        "class Net(nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.conv = nn.Conv1d(1, 2, kernel_size=2)\n"
        "    def forward(self, x):\n"
        "        x = torch.abs(self.conv(x))\n"
        "        x = F.max_pool1d(x, kernel_size=3, stride=2, padding=1)\n"
        "        x = F.leaky_relu(x, 0.5)\n"
        "        x = F.avg_pool1d(x, 2)\n"
        "        return torch.flatten(x, 1)\n"
        "model = Net()",
        "conv1d(2,filters=2,bias=True)-abs-maxpool(3,stride=2,padding=1)-leakyrelu(0.5)-avgpool(2)-"
        "flatten",
        (1, 1, 8),
    ),
    "list": Pasted(
        "class Net(nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.layers = nn.ModuleList([nn.Linear(2, 3), nn.Linear(3, 2)])\n"
        "    def forward(self, x):\n"
        "        for layer in self.layers:\n"
        "            x = F.relu(layer(x))\n"
        "        return x\n"
        "model = Net()",
        "linear(3,bias=True)-relu-linear(2,bias=True)-relu",
        (1, 2),
    ),
    "skips": Pasted(
        "class Net(nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.a = nn.Linear(3, 3)\n"
        "        self.b = nn.Linear(3, 3)\n"
        "    def forward(self, x):\n"
        "        y = self.a(x) + x\n"
        "        return F.relu(torch.add(y, self.b(y))) + y\n"
        "model = Net()",
        "residual(linear(3,bias=True))-residual(residual(linear(3,bias=True))-relu)",
        (1, 3),
    ),
    "derived": Pasted(
        "class Net(nn.Sequential):\n"
        "    def __init__(self):\n"
        "        super().__init__(nn.Flatten(), nn.Linear(12, 2, bias=False), nn.ReLU())\n"
        "model = Net()",
        "flatten-linear(2)-relu",
        (1, 3, 2, 2),
    ),
    "sizes in a loop": Pasted(
        "class MLP(nn.Module):\n"
        "    def __init__(self, sizes=(4, 3, 5, 2), dropout=None):\n"
        "        super().__init__()\n"
        "        layers = []\n"
        "        for i in range(len(sizes) - 1):\n"
        "            layers.append(nn.Linear(sizes[i], sizes[i + 1]))\n"
        "            if i < len(sizes) - 2:\n"
        "                layers.append(nn.ReLU())\n"
        "            if dropout is not None and dropout > 0:\n"
        "                layers.append(nn.Dropout(dropout))\n"
        "        self.net = nn.Sequential(*layers)\n"
        "    def forward(self, x):\n"
        "        return self.net(x)\n"
        "model = MLP()",
        "linear(3,bias=True)-relu-linear(5,bias=True)-relu-linear(2,bias=True)",
        (1, 4),
    ),
    "sizes in pairs": Pasted(
        "sizes = [3, 4, 'skipped', 2]\n"
        "sizes = [size for size in sizes if size != 'skipped']\n"
        "model = nn.Sequential(*[\n"
        "    layer for a, b in zip(sizes[:-1], sizes[1:])\n"
        "    for layer in (nn.Linear(a, b), nn.ReLU())\n"
        "])",
        "linear(4,bias=True)-relu-linear(2,bias=True)-relu",
        (1, 3),
    ),
    "a list of letters and numbers": Pasted(
        "class VGG(nn.Module):\n"
        "    def __init__(self, cfg=[2, 'M', 3, 'M'], grey=True):\n"
        "        super().__init__()\n"
        "        self.features = self.make_layers(cfg, 1 if grey else 3)\n"
        "        self.top = nn.Linear(3, 2) if not grey or len(cfg) > 3 else nn.Identity()\n"
        "    def forward(self, x):\n"
        "        return self.top(torch.flatten(self.features(x), 1))\n"
        "    def make_layers(self, cfg, channels):\n"
        "        layers = []\n"
        "        for x in cfg:\n"
        "            if x == 'M':\n"
        "                layers += [nn.MaxPool2d(kernel_size=2, stride=2)]\n"
        "            else:\n"
        "                layers += [nn.Conv2d(channels, x, 3, padding=1), nn.ReLU(inplace=True)]\n"
        "                channels = x\n"
        "        return nn.Sequential(*layers)\n"
        "model = VGG()",
        "conv2d(3,filters=2,padding=1,bias=True)-relu-maxpool2d(2)"
        "-conv2d(3,filters=3,padding=1,bias=True)-relu-maxpool2d(2)-flatten-linear(2,bias=True)",
        (1, 1, 4, 4),
    ),
    "a shortcut where it is needed": Pasted(
        "class Block(nn.Module):\n"
        "    def __init__(self, a, b, stride=1):\n"
        "        super().__init__()\n"
        "        self.conv = nn.Conv2d(a, b, 3, stride=stride, padding=1, bias=False)\n"
        "        self.shortcut = nn.Sequential()\n"
        "        if stride != 1 or a != b:\n"
        "            self.shortcut = nn.Sequential(nn.Conv2d(a, b, 1, stride=stride, bias=False))\n"
        "    def forward(self, x):\n"
        "        out = F.relu(self.conv(x))\n"
        "        out += self.shortcut(x)\n"
        "        return F.relu(out)\n"
        "model = nn.Sequential(Block(1, 2, 2), Block(2, 2))",
        "add(conv2d(3,filters=2,stride=2,padding=1)-relu|conv2d(1,filters=2,stride=2))-relu"
        "-residual(conv2d(3,filters=2,padding=1)-relu)-relu",
        (1, 1, 4, 4),
    ),
    "modules in a comprehension": Pasted(
        "class Net(nn.Module):\n"
        "    def __init__(self, n=3):\n"
        "        super().__init__()\n"
        "        self.layers = nn.ModuleList([nn.Linear(2, 2) for _ in range(1, n)])\n"
        "        self.add_module('out', nn.Linear(2, 3))\n"
        "    def forward(self, x):\n"
        "        for i, layer in enumerate(self.layers):\n"
        "            x = layer(x) if i == 1 else F.relu(layer(x))\n"
        "        return self.out(x)\n"
        "model = Net()",
        "linear(2,bias=True)-relu-linear(2,bias=True)-linear(3,bias=True)",
        (1, 2),
    ),
    "one after the other": Pasted(
        "model = nn.Sequential()\n"
        "model.add_module('conv', nn.Conv1d(1, 2, 3))\n"
        "model.append(nn.ReLU())\n"
        "model.append(nn.MaxPool1d(2))\n"
        "model = nn.Sequential(model[0], model[1:], nn.Flatten(), nn.Linear(4, 2))",
        "conv1d(3,filters=2,bias=True)-relu-maxpool(2)-flatten-linear(2,bias=True)",
        (1, 1, 6),
    ),
}


def record() -> None:
    """Run each network with PyTorch, and write the record."""
    import torch

    found: dict[str, Any] = {}
    for name, (code, _, shape) in NETWORKS.items():
        names: dict[str, Any] = {
            "torch": torch, "nn": torch.nn, "F": torch.nn.functional
        }  # fmt: skip
        exec(code, names)
        model = names["model"]
        parameters = list(model.parameters())
        for start, each in enumerate(parameters):
            filled = torch.tensor(numbers(each.numel(), start + 1)).reshape(each.shape)
            each.data = filled
        output = model(torch.tensor(numbers(prod(shape), 0)).reshape(shape))
        found[name] = {
            "parameters": [list(each.shape) for each in parameters],
            "shape": list(output.shape),
            "output": output.flatten().tolist(),
        }
    lines = ",\n".join(f'"{name}": {json.dumps(each)}' for name, each in found.items())
    RECORDED.write_text(
        f'{{"torch": "{torch.__version__}",\n"networks": {{\n{lines}\n}}}}\n', encoding="utf-8"
    )


if __name__ == "__main__":
    record()
