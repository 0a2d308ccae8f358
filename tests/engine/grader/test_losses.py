"""Losses with other interfaces: probabilities, caches, labels, gradients beside the loss."""

from pathlib import Path

import pytest

from engine.grader.report import calls
from tests.engine.grader.judging import alone, changed, judgements, typed_in

OF_LABELS = """
import numpy as np
class SoftmaxCrossEntropy:
    def forward(self, x, labels):
        e = np.exp(x)
        self.p = e / e.sum(axis=1, keepdims=True)
        return -np.log(self.p[np.arange(len(x)), labels]).mean()
    def backward(self, labels):
        truth = np.arange(self.p.shape[1]) == np.reshape(labels, (-1, 1))
        return (self.p - truth) / len(self.p)
"""


def test_the_backward_of_the_labs_loss_may_be_given_the_labels_again(tmp_path: Path) -> None:
    """Taken for the upstream gradient, a label of 1 would give something of the right shape."""
    (found,) = judgements(tmp_path, OF_LABELS)
    assert found.verdict == "PASSED"
    assert "backward takes no dloss: it was checked for 1 only" in found.notes


LABELS_FIRST = """
import numpy as np
class SoftmaxCrossEntropy:
    def forward(self, y_true, y_pred):
        e = np.exp(y_pred - y_pred.max(axis=1, keepdims=True))
        self.p, self.at = e / e.sum(axis=1, keepdims=True), (np.arange(len(y_true)), y_true)
        return -np.log(self.p[self.at]).mean()
    def backward(self, dout=1.0):
        g = self.p.copy()
        g[self.at] -= 1
        return dout * g / len(g)
"""


def test_the_labels_may_come_before_the_logits_in_a_loss_by_the_labs_name(tmp_path: Path) -> None:
    (found,) = judgements(tmp_path, LABELS_FIRST)
    assert (found.verdict, found.taken) == ("PASSED", ("labels before the logits",))
    (found,) = judgements(tmp_path, changed(LABELS_FIRST, "-= 1", "+= 1"))
    assert found.verdict == "FAILED"


OF_PROBABILITIES = """
import numpy as np
class Activation_Softmax_Loss_CategoricalCrossentropy:
    def forward(self, inputs, y_true):
        e = np.exp(inputs - inputs.max(axis=1, keepdims=True))
        self.output = e / e.sum(axis=1, keepdims=True)
        return -np.log(self.output[range(len(inputs)), y_true]).mean(), self.output
    def backward(self, dvalues, y_true):
        self.dinputs = dvalues.copy()
        self.dinputs[range(len(dvalues)), y_true] -= 1
        self.dinputs /= len(dvalues)
"""


def test_the_backward_of_a_loss_may_be_given_probabilities(tmp_path: Path) -> None:
    (found,) = judgements(tmp_path, OF_PROBABILITIES)
    assert (found.verdict, found.cases) == ("PASSED", 3)
    assert found.taken[0] == "backward(probabilities, labels) as its backward"
    for other in ("-= 2", "= 0"):
        (found,) = judgements(tmp_path, changed(OF_PROBABILITIES, "-= 1", other))
        assert found.verdict == "NOT CHECKED"
        assert "in no reading of its parameters backward gives dlogits" in found.why
    (found,) = judgements(tmp_path, changed(OF_PROBABILITIES, "/= len(dvalues)", "/= 1"))
    assert found.verdict == "FAILED"  # it is the gradient except for a factor, which is enough
    assert found.found[0].sentence == "dlogits is not divided by the number of examples"


def test_the_backward_of_a_loss_may_be_given_the_logits_again(tmp_path: Path) -> None:
    shares = "np.exp(dvalues) / np.exp(dvalues).sum(axis=1, keepdims=True)"
    source = changed(OF_PROBABILITIES, "dvalues.copy()", shares)
    (found,) = judgements(tmp_path, source)
    assert found.verdict == "PASSED"
    (found,) = judgements(tmp_path, changed(source, "/= len(dvalues)", "/= 1"))
    assert found.verdict == "FAILED"
    assert found.found[0].sentence == "dlogits is not divided by the number of examples"


def test_a_loss_may_have_to_be_built(tmp_path: Path) -> None:
    build = "    def build(self, input_shape):\n        self.count = input_shape[0]\n"
    source = changed(OF_PROBABILITIES, "    def forward", f"{build}    def forward")
    source = changed(source, "return -np", "return -np.sign(self.count) * np")
    (found,) = judgements(tmp_path, source)
    assert (found.verdict, found.cases) == ("PASSED", 3)
    assert "after build" in found.taken


WITH_A_CACHE = """
import numpy as np
def softmax_loss_forward(x, y):
    p = np.exp(x) / np.exp(x).sum(axis=1, keepdims=True)
    return -np.log(p[np.arange(len(y)), y]).mean(), (p, y)
def softmax_loss_backward(PARAMETERS):
    p, y = KEPT
    g = p.copy()
    g[np.arange(len(y)), y] -= 1
    return dout * g / len(y)
"""


@pytest.mark.parametrize(
    ("parameters", "kept", "taken"),
    [
        ("dout, cache", "cache", "dout, cache"),
        ("cache, dout", "cache", "cache, dout"),
        ("dout, cache, eps=0", "cache", "dout, cache"),
        ("dout, saved", "saved", "dout, cache"),
    ],
)
def test_the_backward_of_a_loss_may_be_given_a_cache(
    tmp_path: Path, parameters: str, kept: str, taken: str
) -> None:
    source = WITH_A_CACHE.replace("PARAMETERS", parameters).replace("KEPT", kept)
    (found,) = judgements(tmp_path, source)
    assert (found.verdict, found.taken) == (
        "PASSED",
        (f"softmax_loss_backward({taken}) as its backward",),
    )
    for right, wrong in (("-= 1", "-= 2"), ("return dout *", "return"), ("/ len(y)", "")):
        (found,) = judgements(tmp_path, changed(source, right, wrong))
        assert found.verdict == ("FAILED" if kept == "cache" else "NOT CHECKED")


@pytest.mark.parametrize(
    ("given", "parameters", "kept", "verdict"),
    [
        ("loss, (p, y)", "dout, cache", "p, y = cache", "PASSED"),
        ("p, loss", "cache, y", "p, dout = cache, 1", "NOT CHECKED"),
    ],
)
def test_what_a_loss_calls_its_cache_is_no_logits(
    tmp_path: Path, given: str, parameters: str, kept: str, verdict: str
) -> None:
    source = f"""
import numpy as np
class SoftmaxLoss:
    def forward(self, x, y):
        p = np.exp(x) / np.exp(x).sum(axis=1, keepdims=True)
        loss = -np.log(p[np.arange(len(y)), y]).mean()
        return {given}
    def backward(self, {parameters}):
        {kept}
        return dout * (p - np.eye(p.shape[1])[y]) / len(y)
"""
    (found,) = judgements(tmp_path, source)
    assert found.verdict == verdict


def test_a_function_may_give_its_cache_before_the_loss(tmp_path: Path) -> None:
    source = WITH_A_CACHE.replace("PARAMETERS", "dout, cache").replace("KEPT", "cache")
    loss = "-np.log(p[np.arange(len(y)), y]).mean()"
    (found,) = judgements(tmp_path, changed(source, f"{loss}, (p, y)", f"(p, y), {loss}"))
    assert found.verdict == "PASSED"


BOTH = """
import numpy as np
def NAME(logits, labels):
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    at = range(len(labels)), labels
    loss = -np.log(p[at]).mean()
    p[at] -= 1
    return loss, p / len(labels)
"""


@pytest.mark.parametrize(
    "name",
    [
        "softmax_loss_naive",
        "softmax_cross_entropy",
        "softmax_cross_entropy_loss",
        "softmax_ce",
        "cross_entropy",
        "cross_entropy_loss",
    ],
)
def test_a_function_may_give_a_loss_and_its_gradient(tmp_path: Path, name: str) -> None:
    source = BOTH.replace("NAME", name)
    (found,) = judgements(tmp_path, source)
    assert (found.name, found.verdict) == (name, "PASSED")
    (found,) = judgements(tmp_path, changed(source, "-= 1", "+= 1"))
    assert found.verdict == "FAILED"
    *_, line = shown = [*calls(found.failures[0], "")]
    assert line == f"loss, dx = {name}(logits, labels=labels)"
    assert sum(name in each for each in shown) == 1  # a single call gives both


def test_a_function_that_gives_a_loss_alone_is_no_layer(tmp_path: Path) -> None:
    source = BOTH.replace("NAME", "cross_entropy").replace(
        "return loss, p / len(labels)", "return loss"
    )
    assert judgements(tmp_path, source) == ()


@pytest.mark.parametrize("given", ["p", "np.log(p)"])
def test_probabilities_beside_a_loss_are_no_wrong_gradient(tmp_path: Path, given: str) -> None:
    source = changed(BOTH.replace("NAME", "cross_entropy"), "    p[at] -= 1\n", "")
    (found,) = judgements(tmp_path, changed(source, "p / len(labels)", given))
    assert found.verdict == "NOT CHECKED"
    assert "cross_entropy gives probabilities, not dlogits" in found.why


@pytest.mark.parametrize(
    ("given", "verdict"),
    [
        ("logits - logits.max(axis=1, keepdims=True)", "NOT CHECKED"),
        ("np.eye(logits.shape[1])[labels]", "NOT CHECKED"),
        ("np.log(p) + p", "NOT CHECKED"),
        ("p - np.eye(logits.shape[1])[labels]", "FAILED"),  # a gradient, though not of the mean
        ("(2 * np.eye(logits.shape[1])[labels] - p) / len(p)", "FAILED"),
        ("dlogits", "FAILED"),  # whatever it is, it has that name
    ],
)
def test_what_is_no_gradient_beside_a_loss_is_no_wrong_one(
    tmp_path: Path, given: str, verdict: str
) -> None:
    source = changed(
        BOTH.replace("NAME", "cross_entropy"), "    p[at] -= 1\n", "    dlogits = p * p\n"
    )
    (found,) = judgements(tmp_path, changed(source, "p / len(labels)", given))
    assert found.verdict == verdict
    said = "what cross_entropy gives beside the loss is not dlogits, nor called so"
    assert (said in found.why) == (verdict == "NOT CHECKED")


FUSED = """
import numpy as np
class Linear:
    def __init__(self, n_in, n_out):
        self.W, self.b = np.ones((n_in, n_out)), np.zeros(n_out)
    def forward(self, x):
        self.x = x
        self.y = x @ self.W + self.b
        return self.y
    def backward(self, GIVEN):
        d = UPSTREAM
        self.dW, self.db = self.x.T @ d, d.sum(axis=0)
        return d @ self.W.T
class Dense:
    def forward(self, x, w):
        self.x, self.w = x, w
        return x @ w.T
    def backward(self, GIVEN):
        p = np.exp(self.x @ self.w.T)
        p = p / p.sum(axis=1, keepdims=True) - np.eye(len(self.w))[GIVEN]
        return p @ self.w, p.T @ self.x
"""


@pytest.mark.parametrize("name", ["y", "targets", "labels"])
def test_a_layer_that_a_loss_is_part_of_is_not_checked(tmp_path: Path, name: str) -> None:
    source = FUSED.replace("GIVEN", name)
    said = f"backward takes {name}, which by its name is no gradient that comes back"
    for found in judgements(tmp_path, changed(source, "UPSTREAM", f"2 * (self.y - {name})")):
        assert found.verdict == "NOT CHECKED"
        assert said in found.why
    right, _ = judgements(tmp_path, changed(source, "UPSTREAM", name))
    assert right.verdict == "PASSED"  # only the name is odd
    wrong = changed(changed(source, "UPSTREAM", name), "d.sum(axis=0)", "d.mean(axis=0)")
    assert judgements(tmp_path, wrong)[0].verdict == "FAILED"
    upstream = changed(FUSED.replace("GIVEN", "dout"), "UPSTREAM", "2 * (self.y - dout)")
    assert judgements(tmp_path, upstream)[0].verdict == "FAILED"


def test_a_loss_of_several_in_columns_is_not_taken_one_at_a_time(tmp_path: Path) -> None:
    """If taken so, a gradient that is not divided by their number would be right."""
    source = """
import numpy as np
class SoftmaxCrossEntropy:
    def forward(self, Z, Y):
        self.P, self.Y = np.exp(Z) / np.exp(Z).sum(axis=0), Y
        return -np.sum(Y * np.log(self.P)) / Z.shape[1]
    def backward(self):
        return (self.P - self.Y) / self.Y.shape[1]
"""
    (found,) = judgements(tmp_path, source)
    assert (found.verdict, found.taken[:1]) == ("PASSED", ("x as (in, N)",))
    wrong = changed(source, "(self.P - self.Y) / self.Y.shape[1]", "self.P - self.Y")
    (found,) = judgements(tmp_path, wrong)
    assert found.verdict == "FAILED"
    assert "dlogits is not divided by the number of examples" in found.patterns


OF_ONE_EXAMPLE = """
import numpy as np
class SoftmaxCrossEntropy:
    def forward(self, logits, label):
        e = np.exp(logits - logits.max())
        self.p, self.label = e / e.sum(), label
        return -np.log(self.p[label])
    def backward(self, dout=1.0):
        g = self.p.copy()
        g[self.label] -= 1
        return g * dout
class CrossEntropyLoss:
    def forward(self, logits, y):
        e = np.exp(logits - logits.max(axis=-1, keepdims=True))
        self.p, self.y = e / e.sum(), y
        return -np.sum(y * np.log(self.p))
    def backward(self):
        return self.p - self.y
class SoftmaxLoss:
    def forward(self, logits, target):
        return -logits[target] + np.log(np.exp(logits).sum())
    def backward(self, p, target):
        d = p.copy()
        d[target] -= 1
        return d
class SoftmaxCCE:
    def forward(self, z, y):
        self.p, self.y = np.exp(z) / np.exp(z).sum(), y
        return -np.log(self.p[np.argmax(y), 0])
    def backward(self):
        return self.p - self.y
def softmax_loss(x, y):
    p = np.exp(x - x.max())
    p /= p.sum()
    dx = p.copy()
    dx[y] -= 1
    return -np.log(p[y]), dx
"""


def test_a_loss_of_one_example_is_taken_one_at_a_time(tmp_path: Path) -> None:
    found = judgements(tmp_path, OF_ONE_EXAMPLE)
    assert [each.verdict for each in found] == ["PASSED"] * 5
    for each in found:
        assert "a minibatch one example at a time, then their mean" in each.taken
    assert "labels one-hot" in found[1].taken
    assert "backward(probabilities, labels) as its backward" in found[2].taken
    assert {"x as (in, 1)", "labels one-hot"} < {*found[3].taken}


@pytest.mark.parametrize(
    ("old", "new", "wrong", "name"),
    [
        ("return g * dout", "return g", "dlogits", "SoftmaxCrossEntropy"),
        ("g[self.label] -= 1", "g[self.label] += 1", "dlogits", "SoftmaxCrossEntropy"),
        (
            "return -np.log(self.p[label])",
            "return np.log(self.p[label])",
            "",
            "SoftmaxCrossEntropy",
        ),
        ("return self.p - self.y", "return self.y - self.p", "dlogits", "CrossEntropyLoss"),
        ("return -np.sum(y", "return np.sum(y", "", "CrossEntropyLoss"),
        ("-np.log(self.p[np.argmax", "np.log(self.p[np.argmax", "", "SoftmaxCCE"),
        ("return -np.log(p[y]), dx", "return np.log(p[y]), dx", "", "softmax_loss"),
        ("return -np.log(p[y]), dx", "return -np.log(p[y]), 2 * dx", "dlogits", "softmax_loss"),
    ],
)
def test_a_wrong_loss_of_one_example_fails(
    tmp_path: Path, old: str, new: str, wrong: str, name: str
) -> None:
    found = alone(tmp_path, name, changed(OF_ONE_EXAMPLE, old, new))
    assert found.verdict == "FAILED"
    problem = found.failures[0].problems[0]
    assert problem.quantity == (wrong or "loss")
    assert "for n in range(len(logits)): " in "\n".join(calls(found.failures[0], ""))
    typed_in(tmp_path / "mine.py", found)


def test_a_loss_of_one_example_alone_is_not_told_that_it_takes_no_minibatch(tmp_path: Path) -> None:
    one = "e = np.exp(logits - logits.max())"
    source = changed(OF_ONE_EXAMPLE, one, f"assert logits.ndim == 1\n        {one}")
    wrong = changed(source, "return -np.log(self.p[label])", "return np.log(self.p[label])")
    found = alone(
        tmp_path, "SoftmaxCrossEntropy", changed(wrong, "return g * dout", "return 3 * g")
    )
    assert found.verdict == "NOT CHECKED"
    assert "neither what forward gives nor its gradient is that of the mean" in found.why


@pytest.mark.parametrize("name", ["CrossEntropyLoss", "SoftmaxCrossEntropy"])
def test_the_sum_over_examples_is_no_loss_of_one(tmp_path: Path, name: str) -> None:
    _, _, source = OF_ONE_EXAMPLE.partition("class CrossEntropyLoss")
    source = f"import numpy as np\nclass {name}{source.partition('class SoftmaxLoss')[0]}"
    in_rows = changed(source, "e / e.sum()", "e / e.sum(axis=-1, keepdims=True)")
    for several in (in_rows, in_rows.replace("axis=-1", "axis=0")):  # or in columns
        (found,) = judgements(tmp_path, several)
        assert found.verdict == "NOT CHECKED"
        assert "neither what forward gives nor its gradient is that of the mean" in found.why


BOTH_OF_PROBABILITIES = """
import numpy as np
class CrossEntropyLoss:
    def forward(self, predictions, targets):
        return -np.log(np.abs(predictions[range(len(targets)), targets])).mean()
    def backward(self, predictions, targets):
        return (predictions - np.eye(predictions.shape[1])[targets]) / len(targets)
"""


def test_a_loss_of_probabilities_is_not_failed_for_its_forward(tmp_path: Path) -> None:
    (found,) = judgements(tmp_path, BOTH_OF_PROBABILITIES)
    assert found.verdict == "NOT CHECKED"
    assert "(it may take probabilities)" in found.why


def test_a_loss_of_each_example_is_not_failed_for_its_labels(tmp_path: Path) -> None:
    source = """
import numpy as np
class SoftmaxCrossEntropy:
    def forward(self, logits, one_hot):
        e = np.exp(logits - logits.max(axis=1, keepdims=True))
        self.p, self.one_hot = e / e.sum(axis=1, keepdims=True), one_hot
        return -(one_hot * np.log(self.p)).sum(axis=1)
    def backward(self):
        return self.p - self.one_hot
"""
    (found,) = judgements(tmp_path, source)
    assert found.verdict == "NOT CHECKED"
    assert "forward gives something of type ndarray, not one number" in found.why


BEHIND_PROBABILITIES = """
import numpy as np
class SoftmaxCrossEntropy:
    def forward(self, x, y):
        e = np.exp(x - x.max(axis=1, keepdims=True))
        self.p, self.y = e / e.sum(axis=1, keepdims=True), y
        return self.p, -np.log(self.p[range(len(x)), y]).mean()
    def backward(self):
        self.dx = self.p.copy()
        self.dx[range(len(self.y)), self.y] -= 1
        self.dx /= len(self.y)
"""
BEHIND_ITS_GRADIENT = """
import numpy as np
def softmax_loss(x, y):
    e = np.exp(x - x.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    return (p - np.eye(p.shape[1])[y]) / len(x), -np.log(p[range(len(x)), y]).mean()
"""


@pytest.mark.parametrize("source", [BEHIND_PROBABILITIES, BEHIND_ITS_GRADIENT])
def test_a_loss_may_be_given_behind_something_else(tmp_path: Path, source: str) -> None:
    (found,) = judgements(tmp_path, source)
    assert (found.verdict, found.cases) == ("PASSED", 3)
    (found,) = judgements(tmp_path, changed(source, ".mean()", ".sum()"))
    assert found.verdict == "FAILED"
    assert found.patterns[0] == "loss is the sum over the examples, not the mean"
    back = ("self.dx /= len(self.y)", "pass") if "self" in source else (" / len(x)", "")
    (found,) = judgements(tmp_path, changed(source, *back))
    assert found.patterns == ("dlogits is not divided by the number of examples",)
    said = "\n".join(calls(found.failures[0], ""))
    assert ("dx, loss = softmax_loss(" in said) == ("self" not in source)


IN_MATRICES = """
import numpy as np
class CrossEntropyLoss:
    def forward(self, A, Y):
        self.A, self.Y, (N, C) = A, Y, A.shape
        self.softmax = np.exp(A) / np.exp(A).sum(axis=1, keepdims=True)
        return np.ones((1, N)) @ (-Y * np.log(self.softmax)) @ np.ones((C, 1)) / N
    def backward(self):
        return (self.softmax - self.Y) / len(self.Y)
"""


@pytest.mark.parametrize(("factor", "verdict"), [("", "PASSED"), (" / C", "FAILED")])
def test_a_loss_may_be_a_matrix_of_one_entry(tmp_path: Path, factor: str, verdict: str) -> None:
    (found,) = judgements(tmp_path, changed(IN_MATRICES, "/ N", f"/ N{factor}"))
    assert found.verdict == verdict
