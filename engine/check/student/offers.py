"""Not offered, or wrong? What an answer says about whether a class was meant for such a case."""

from engine.check.student.outcome import Outcome
from engine.check.student.problem import said
from engine.check.student.wire import Message


def claims(outcome: Outcome, description: Message) -> bool:
    """Whether the class says by the names of its parameters that it does this."""
    return outcome.feature.claimed and _ways(outcome, description) == {"named"}


def refusal(outcome: Outcome, description: Message, *, leniently: bool = False) -> str:
    """Why this counts as not offered; "" where it counts, right or wrong.

    Whatever a class raises itself, before anything wrong came of it, is a refusal; and that layers
    of ours, in the place of its own, take something else. So are the
    errors of code that was not written for such inputs, and an output of another kind; but not
    where a class names the setting, unless it is looked at leniently.
    """
    if outcome.ended is not None:
        return ""
    if refuses(outcome) or (outcome.reply.get("error") or {}).get("foreign"):
        return _raised(outcome, outcome.reply["error"])
    claimed = claims(outcome, description) and not leniently
    if outcome.output is not None and (said_so := _of_output(outcome, claimed, description)):
        return said_so
    error = outcome.reply.get("error")
    if error is None:
        return _of_gradients(outcome)
    early = outcome.output is None and (error["binding"] or not claimed)
    return _raised(outcome, error) if error["refusal"] and (early or outcome.feature.free) else ""


def refuses(outcome: Outcome) -> bool:
    """Whether the student's own code says no, by whatever exception: their own raise or assert.

    Not where it has given a wrong output before.
    """
    error = outcome.reply.get("error")
    problem = outcome.before_gradients
    return bool(error and error["deliberate"] and problem and problem.kind == "raises")


def _of_output(outcome: Outcome, claimed: bool, description: Message) -> str:
    output, right, subject = outcome.output, outcome.reference.output, outcome.reference.subject
    assert output is not None
    if vague(outcome, description) and outcome.before_gradients is not None:
        return "the constructor takes it, under no name that tells so, and nothing comes of it"
    if output.odd:
        return "" if claimed else f"forward gives {output.odd}"
    if output.shape == right.shape:
        return ""
    lead = max(0, right.ndim - subject.axes)
    whole = "size" not in outcome.case.settings and subject.pool
    ours = len(output.shape) == right.ndim and not whole
    if claimed or (ours and output.shape[:lead] == right.shape[:lead]):
        return ""
    return f"{subject.output} has the shape {output.shape}, such a case needs {right.shape}"


def vague(outcome: Outcome, description: Message) -> bool:
    """Whether a setting went through *args, **kwargs or a parameter of another name."""
    return not _ways(outcome, description) <= {"named"}


def _ways(outcome: Outcome, description: Message) -> set[str]:
    """How the constructor takes the settings; a stride that it lacks is its size, and left out."""
    settings = description["settings"]
    return {settings[each][1] for each in outcome.feature.settings if each in settings}


def _of_gradients(outcome: Outcome) -> str:
    """Where numpy's broadcasting made the output: gradients that show it."""
    free = [i for i in outcome.feature.free if i < len(outcome.case.inputs)]
    if not free:
        return ""
    if not outcome.gradients:
        return ""
    shapes = [(outcome.gradients[i].shape, outcome.case.inputs[i].shape) for i in free]
    if any(got == needed for got, needed in shapes):
        return ""
    got, needed = shapes[0]
    name = outcome.reference.subject.gradient(free[0])
    return f"{name} has the shape {got}, such a case needs {needed}"


def _raised(outcome: Outcome, error: Message) -> str:
    """What it raised; the words only where they are the student's own."""
    method = outcome.reply["at"]
    theirs = error["deliberate"] or error["binding"] or error.get("foreign")
    says = said(error) if theirs else f"raises {error['type']}"
    where = f" (line {error['place']['line']})" if error["place"] else ""
    return f"{'the constructor' if method == '__init__' else method} {says}{where}"
