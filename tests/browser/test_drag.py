"""Dragging with the mouse: the picture follows the mouse, whatever the network does."""

from tests.browser.live_page import LivePage
from tests.pages.lab import OPENED_WITH, lab

X, _ = OPENED_WITH
OPENED = ",".join(f"{x:g}" for x in X)
ON_THE_WAY = (1.25, -2.0, 2.5)

# Moves a slider to and fro between two of its values while the held answers are delivered, and for
# a third of a second after the sweep among them has come. Returns the number of different pictures.
MOVE_TO_AND_FRO = """async (slider) => {
  const figure = document.querySelector("[data-testid=live-figure]");
  const plot = document.querySelector(".js-plotly-plot");
  const pictures = new Set();
  const watch = new MutationObserver(() => pictures.add(JSON.stringify(plot.data)));
  watch.observe(figure, { attributeFilter: ["data-revision"] });
  const swept = network.sweeps.length;
  network.release();
  let end = performance.now() + 10_000;
  for (let step = 0; performance.now() < end; step += 1) {
    slider.value = step % 2 ? -2 : -1.75;
    slider.dispatchEvent(new Event("input", { bubbles: true }));
    await new Promise(requestAnimationFrame);
    if (network.sweeps.length > swept) end = Math.min(end, performance.now() + 333);
  }
  watch.disconnect();
  return pictures.size;
}"""


def with_x3(value: float) -> tuple[float, ...]:
    return (*X[:2], value, *X[3:])


def test_with_a_sweep_no_answer_is_needed_and_nothing_is_sent_before_the_slider_rests(
    page: LivePage,
) -> None:
    page.open()
    page.wait_sweep("w")
    page.hold_answers()
    page.hold("w")
    for value in ON_THE_WAY:
        page.move("w", value)
        assert page.numbers() == lab(X, value)
    page.release()
    swept = page.everything()
    page.release_answers()
    page.wait_settled()
    assert page.everything() == swept
    page.wait_for_run()
    sent, drawn = page.messages_sent(), page.revision()
    both = page.slider("w").evaluate("""async (slider) => {
      const move = (value) => {
        slider.value = value;
        slider.dispatchEvent(new Event("input", { bubbles: true }));
      };
      for (const value of [-1, 0, 1, 2]) {
        move(value);
        await new Promise((go) => setTimeout(go, 100)); // four take longer than a rest
      }
      const slowly = network.sent;
      for (let value = -4; value <= 4; value += 1) move(value); // before it can rest
      return [slowly, network.sent];
    }""")
    assert both == [sent, sent]
    page.wait_address(w="4")
    assert page.messages_sent() == sent + 1
    assert page.revision() >= drawn + 4 + 9


def test_an_answer_that_comes_late_does_not_draw_over_the_hand(page: LivePage) -> None:
    page.open(w=-1.25)  # a value for which no earlier test got a sweep
    page.wait_sweep("x3")
    page.hold_answers()
    sent = page.messages_sent()
    page.slider("x2").focus()  # asks for a sweep; its answer shows x3 as it was
    page.until(lambda: page.messages_sent() > sent)
    came = page.page.evaluate("network.sweeps.length")
    assert page.slider("x3").evaluate(MOVE_TO_AND_FRO) == 2
    assert page.page.evaluate("network.sweeps.length") > came
    page.wait_settled()


def test_a_slider_passed_on_the_way_keeps_no_sweep_from_the_next(page: LivePage) -> None:
    page.open(w=-1.75)  # a value for which no earlier test got a sweep
    page.delay(150)
    page.slider("x1").focus()
    page.wait_sweep("x2", page.slider("x2").focus)  # while that of x1 is on its way


def test_one_held_key_is_one_step_of_undo(page: LivePage) -> None:
    """A held key repeats after a longer pause at first, then quickly."""
    page.open()
    page.wait_sweep("x1")
    for field, value in ((page.slider("x1"), 0.75), (page.typed("x1"), -1.5)):
        field.focus()
        for pause in (500, 30, 30):
            page.page.keyboard.down("ArrowDown")
            page.page.wait_for_timeout(pause)
        page.page.keyboard.up("ArrowDown")
        page.wait_address(x=f"{value:g},-1,1.5,0.5,0")
        page.page.keyboard.press("Control+z")
        page.wait_address(x=OPENED)


# Moves a slider in every frame, until three pictures have been drawn or ten seconds have passed.
NEVER_REST = """async (slider) => {
  const figure = document.querySelector("[data-testid=live-figure]");
  const revision = () => Number(figure.dataset.revision);
  const [begin, first] = [performance.now(), revision()];
  for (let step = 0; revision() < first + 3 && performance.now() - begin < 10_000; step += 1) {
    slider.value = (step % 17) / 4;
    slider.dispatchEvent(new Event("input", { bubbles: true }));
    await new Promise(requestAnimationFrame);
  }
  return revision() - first;
}"""


def test_without_a_sweep_the_picture_follows_by_round_trips(page: LivePage) -> None:
    w = -0.75  # a value for which no earlier test got a sweep
    page.open(w=w)
    page.refuse_sweeps()
    page.hold("x3")
    for value in ON_THE_WAY:
        page.move("x3", value)
        page.wait_numbers(lab(with_x3(value), w))
    page.release()
    page.wait_settled()
    assert page.numbers() == lab(with_x3(ON_THE_WAY[-1]), w)
    page.page.keyboard.press("Control+z")  # all of a drag is one change
    page.wait_numbers(lab(X, w))

    # Until the server answers, one message at most is sent, and no value is lost.
    page.wait_address(x=OPENED)
    page.hold_answers()
    sent = page.messages_sent()
    page.hold("x3")
    page.move("x3", *ON_THE_WAY)
    assert page.messages_sent() <= sent + 1
    page.release()
    page.release_answers()
    page.wait_address(x="1.5,-1,2.5,0.5,0")
    assert page.numbers() == lab(with_x3(2.5), w)

    assert page.slider("x3").evaluate(NEVER_REST) >= 3
    page.wait_settled()
