"""What stands on the picture of a network, and how the shipped one was made."""

from engine.training import shipped
from pages.figures.words import number, percent
from pages.inside.passes import Look
from pages.inside.scene import BLANK, LookScene


def texts(
    scene: LookScene, seen: Look, enlarged: str, nonzero: int, *, own: bool
) -> dict[str, str]:
    """What stands on the picture, by where it stands; own: whether the network is the session's."""
    drawn = ", painted over" if scene.painting else ""
    image = f"test image {scene.image}{drawn}"
    if scene.image == BLANK:
        image = "your drawing" if scene.painting else "a blank sheet: draw"
    when = {
        "off": f"{'Your' if own else 'Shipped'} network",
        "before": "Before the step (┃ after)",
    }
    verb = "says" if seen.answer == seen.label else "but says"
    answer = f"<b>{seen.label}</b>, {verb} <b>{seen.answer}</b>"
    if not scene.labelled:
        answer = f"says <b>{seen.answer}</b>"
    loss = f"loss {number(seen.loss, 3)}"
    if seen.other is not None:
        first, last = seen.loss, seen.other.loss
        if scene.sgd == "after":
            first, last = last, first
        loss = f"loss {number(first, 2)} → {number(last, 2)}"
    kind = {"activations": "", "gradients": ", gradient", "reasons": ", why"}[scene.show]
    function = seen.naming.function or "L"
    return {
        "image": image,
        "gradient": f"∂{function}/∂x: <b>{nonzero}</b> of 784 ≠ 0",
        "when": when.get(scene.sgd, "After the step (┃ before)"),
        "answer": f"{answer}; {loss}",
        "enlarged": f"<i>{enlarged}</i> enlarged{kind}",
        "function": function,
        "rate": "" if seen.other is None else f"η = {number(10**scene.rate, 2)}",
    }


def provenance() -> str:
    """How the network that comes with the program was made."""
    about = shipped().about
    return (
        f"The shipped network: {about['command']} --epochs {about['epochs']} --seed "
        f"{about['seed']}, {percent(about['test_accuracy'])} of the test images right."
    )
