"""The modules of the gallery and of the charts: downloads, what is missing, and the focus."""

from io import BytesIO
from zipfile import ZipFile

import pytest
from playwright.sync_api import Page

# What charts send to a server in each of these visits, each a list of runs with their changed data.
SAID = """async (visits) => {
  const { default: liveCharts } = await import("/browser/live_charts.js");
  const { open, close } = await import("/tests/page.js");
  const first = { texts: {}, address: {}, assets: {}, charts: [], theme: "light", token: "" };
  const said = [];
  sessionStorage.clear();
  for (const runs of visits) {
    const parentElement = open();
    const setStateValue = (_, news) => said.push(news);
    const leave = runs.map((news) =>
      liveCharts({ data: { ...first, session: "one", ...news }, parentElement, setStateValue }));
    close(parentElement, leave.at(-1));
  }
  return said;
}"""


def test_charts_show_their_token_to_a_server_that_has_forgotten_it(modules: Page) -> None:
    two = {"session": "two"}
    (said,) = modules.evaluate(SAID, [[{"token": "kept"}, two]])
    assert said["wants"] == {"claim": "kept"}
    # A token that the server does not accept is sent once, not after each reload.
    said = modules.evaluate(SAID, [[{"token": "kept"}], [two, two], [{"session": "three"}]])
    assert [each["wants"] for each in said if each["wants"]] == [{"claim": "kept"}]
    # One that it has not answered yet is sent again.
    said = modules.evaluate(SAID, [[{"token": "kept"}], [two], [{"session": "three"}]])
    assert [each["wants"] for each in said] == [{"claim": "kept"}] * 2


def test_charts_tell_once_where_they_were_and_what_they_are_drawn_for(modules: Page) -> None:
    there, news = {"address": {"w": "2"}}, ({"session": "two"}, {"theme": "dark"})
    said = modules.evaluate(SAID, [[there, each, each] for each in news])
    told = [(each.get("address"), each["theme"]) for each in said]
    assert len({each["serial"] for each in said}) == len(said), "else it would be no news"
    assert told == [({"w": "2"}, "light"), (None, "light")]


# A gallery of one picture. Returns the picture's address; the names of the lectures sent to the
# server: after a file is opened, after an earlier run comes in, after a reload, and after the file
# is closed and the page reloaded; the label of the lecture; and what has the focus once it is
# closed.
GALLERY = """async (theme) => {
  const { default: gallery } = await import("/browser/gallery.js");
  document.body.style.background = theme === "dark" ? "black" : "white";
  const versions = { light: "one", dark: "two" };
  const slides = [{ name: "tie", title: "A tie", address: "?", versions }];
  const data = { files: "files", home: "/", assets: {}, groups: [{ title: "All", slides }] };
  const handed = [];
  const loaded = (lecture, parentElement = document.createElement("div")) => {
    const setTriggerValue = (name, file) => handed.push(file.name);
    gallery({ data: { ...data, lecture }, parentElement, setTriggerValue });
    return parentElement;
  };
  const opened = loaded(null);
  const source = opened.querySelector(".gallery-card img").getAttribute("src");
  const [input, files] = [opened.querySelector("input[type=file]"), new DataTransfer()];
  files.items.add(new File(["[scenes.one]"], "monday.toml"));
  input.files = files.files;
  input.dispatchEvent(new Event("change"));
  const pause = () => new Promise((go) => setTimeout(go, 5));
  for (let i = 0; i < 400 && !handed.length; i += 1) await pause();
  loaded(null, opened);
  loaded(null);
  const again = loaded({ name: "monday.toml", stops: [], problems: [] });
  const heard = again.querySelector(".gallery-lecture").ariaLabel;
  document.body.append(again);
  const close = again.querySelector(".gallery-lecture button");
  close.focus();
  loaded({ name: "monday.toml", stops: [], problems: [] }, again);
  if (document.activeElement !== close) throw new Error("another run takes the focus");
  close.click();
  const focused = document.activeElement.firstChild.textContent;
  again.remove();
  loaded(null);
  sessionStorage.clear();
  return [source, handed, heard, focused];
}"""


@pytest.mark.parametrize(("theme", "version"), [("light", "one"), ("dark", "two")])
def test_a_gallery_shows_its_theme_and_keeps_its_lecture(
    modules: Page, theme: str, version: str
) -> None:
    source, handed, heard, focused = modules.evaluate(GALLERY, theme)
    assert source == f"files/{theme}/tie.png?{version}"
    assert handed == ["monday.toml", "monday.toml", ""]
    assert heard == "monday.toml"
    assert focused == "Open a lecture file"


# Returns which of two places on a chart has the focus after they moved, and after one is gone; what
# the server is sent when one is chosen; whether a place remains the same element if nothing moved;
# and how far the page is scrolled, which was scrolled elsewhere before they moved.
PLACES = """async () => {
  const { default: liveCharts } = await import("/browser/live_charts.js");
  const { open, close } = await import("/tests/page.js");
  const main = open();
  main.style.cssText = "height: 100px; overflow: auto";
  main.innerHTML = "<div></div><div style='height: 2000px'></div>";
  const [parentElement] = main.children;
  const run = (entries, left) => {
    const targets = entries.map((entry) => ({ entry, said: entry, box: [left, 0, 9, 9] }));
    const figure = JSON.stringify({ data: [], layout: { width: 10, height: 10 } });
    const charts = [{ figure, said: "a chart", targets }];
    const data = { texts: {}, address: {}, assets: {}, theme: "light", token: "", charts };
    const setStateValue = (_, { wants }) => told.push(wants);
    return liveCharts({ data, parentElement, setStateValue });
  };
  const told = [];
  run(["one", "two"], 0);
  parentElement.querySelectorAll(".live-figure-cell")[1].focus();
  const focused = () => document.activeElement.getAttribute("aria-label");
  main.scrollTop = 900;
  run(["one", "two"], 10);
  const [moved, scrolled] = [focused(), main.scrollTop];
  const there = document.activeElement;
  run(["one", "two"], 10);
  const same = document.activeElement === there;
  const leave = run(["one"], 10);
  const fewer = focused();
  parentElement.querySelector(".live-figure-cell").click();
  close(main, leave);
  return [moved, fewer, told, same, scrolled];
}"""


def test_a_place_on_a_chart_that_moves_keeps_the_focus_and_can_be_chosen(modules: Page) -> None:
    moved, fewer, told, same, scrolled = modules.evaluate(PLACES)
    assert (moved, fewer, told) == ("two", None, [{"chosen": "one"}])
    assert same, "a click that is under way is one"
    assert scrolled == 900, "who reads on elsewhere is not called back"


# Returns what a gallery says of a missing slide, how often it requested it, and whether the
# download of marked slides is disabled; whether the link to a closed group opens it, and whether
# the group has the focus and is scrolled to.
MISSED = """async () => {
  const { default: gallery } = await import("/browser/gallery.js");
  document.body.style.background = "white";
  const slides = [{ name: "tie", title: "A tie", address: "?", versions: { light: "", dark: "" } }];
  const groups = [{ title: "All", about: "", slides }];
  const data = { files: "/files", home: "/", assets: {}, groups, lecture: null };
  const parentElement = document.body.appendChild(document.createElement("div"));
  gallery({ data, parentElement, setTriggerValue() {} });
  const { fetch } = window;
  let asked = 0;
  window.fetch = async () => {
    asked += 1;
    return new Response("", { status: 404 });
  };
  const find = (selector) => parentElement.querySelector(selector);
  const pause = () => new Promise((go) => setTimeout(go, 5));
  find(".gallery-card input").click();
  for (let i = 0; i < 2; i += 1) {
    find(".gallery-foot button").click();
    await pause();
  }
  const said = [find(".gallery-status").textContent, asked, find(".gallery-zip").disabled];
  const group = find("details");
  let sought = 0;
  group.scrollIntoView = () => { sought += 1; };
  group.open = false;
  find(".gallery-group-link").click();
  const there = [group.open, document.activeElement === find("summary"), sought];
  parentElement.remove();
  sessionStorage.clear();
  window.fetch = fetch;
  return [...said, ...there];
}"""


def test_a_gallery_goes_on_after_a_slide_that_is_not_there_and_opens_a_group(
    modules: Page,
) -> None:
    said, *found = modules.evaluate(MISSED)
    assert said == "The server has no such slide. Reload the page to try again."
    assert found == [2, False, True, True, 1]


# Marks and downloads all slides of each of these lists, in which some are missing. Returns the
# final message and the files; the messages while slides are drawn; and the type and text of each
# .zip.
SOME = """async (lists) => {
  const { giveSlides, showGallery } = await import("/tests/page.js");
  const [files, steps, blobs] = [[], [], []];
  const end = giveSlides(files, async () => {
    steps.push(document.querySelector(".gallery-status").textContent);
    for (let i = 0; i < 2; i += 1) await new Promise(requestAnimationFrame); // it is seen meanwhile
  }, blobs);
  const found = [];
  for (const names of lists) {
    sessionStorage.clear();
    const parentElement = await showGallery(names);
    const find = (selector) => parentElement.querySelector(selector);
    find("select").value = "svg";
    find(".gallery-head button").click();
    find(".gallery-zip").focus();
    find(".gallery-zip").click();
    for (let i = 0; i < 400 && find(".gallery-zip").disabled; i += 1) {
      await new Promise((go) => setTimeout(go, 5));
    }
    if (document.activeElement !== find(".gallery-zip")) throw new Error("the focus is lost");
    found.push([find(".gallery-status").textContent, ...files.splice(0)]);
    parentElement.remove();
  }
  sessionStorage.clear();
  end();
  const zips = await Promise.all(blobs.map(async (blob) => [blob.type, await blob.text()]));
  return [found, steps, zips];
}"""


def test_a_slide_that_is_not_there_keeps_no_other_from_being_downloaded(modules: Page) -> None:
    lists = [["one", "gone", "two"], ["one"], ["gone", "gone-too"]]
    found, steps, zips = modules.evaluate(SOME, lists)
    made = "# Made again by: python -m pages.export lecture.toml\n"
    of = [f"scene = {scene}\n" for scene in ("one", "gone", "two")]
    scenes = ["\n" + "\n".join(of), f"\n{of[0]}"]
    for scene, (kind, text) in zip(scenes, zips, strict=True):
        assert kind == "application/zip"
        assert f'{made}theme = "light"\nformat = "svg"\n{scene}PK' in text, "all of them"
    assert steps == [f"Drawing {n} of {m} …" for m in (3, 1, 2) for n in range(1, m + 1)]
    assert found == [
        ["slides.zip is downloaded, without gone: try again.", "slides.zip"],
        ["slides.zip is downloaded.", "slides.zip"],
        ["None could be drawn. Try again."],
    ]


# Presses "Download" on these cards in quick succession, some slides being missing, on the last also
# in the other theme; after a slide was missed, on the second in that theme; and at the end on the
# first again. Returns the files, the messages at once and at the end, and whether the download of
# marked slides is disabled meanwhile, and presenting them.
HASTY = """async (names) => {
  const { giveSlides, showGallery } = await import("/tests/page.js");
  const files = [];
  const end = giveSlides(files, () => new Promise((go) => setTimeout(go, 20)));
  sessionStorage.clear();
  const parentElement = await showGallery([...new Set(names)]);
  const find = (selector) => parentElement.querySelector(selector);
  const said = [];
  find(".gallery-card input").click();
  find("select").value = "svg";
  for (const name of names) {
    find(`[aria-label="Download: ${name}"]`).click();
    said.push(find(".gallery-status").textContent);
  }
  [...parentElement.querySelectorAll("select")].at(-1).value = "dark";
  find(`[aria-label="Download: ${names.at(-1)}"]`).click();
  const zip = find(".gallery-zip");
  const busy = [zip.disabled, find(".gallery-present").disabled];
  const missed = () => find(".gallery-status").textContent.startsWith("The server");
  for (let i = 0; i < 400 && !missed(); i += 1) await new Promise((go) => setTimeout(go, 5));
  find(`[aria-label="Download: ${names[1]}"]`).click();
  const done = async () => {
    for (let i = 0; i < 400 && zip.disabled; i += 1) await new Promise((go) => setTimeout(go, 5));
    said.push(find(".gallery-status").textContent);
  };
  await done();
  find(`[aria-label="Download: ${names[0]}"]`).click();
  await done();
  parentElement.remove();
  sessionStorage.clear();
  end();
  return [files, said, busy];
}"""


def test_what_is_wanted_while_a_slide_is_drawn_comes_after_it(modules: Page) -> None:
    files, said, busy = modules.evaluate(HASTY, ["one", "two", "gone", "one", "three"])
    *files, dark, late, again = files
    assert files == ["one.svg", "two.svg", "three.svg"], "one was under way already"
    assert [dark, late, again] == ["three.svg", "two.svg", "one.svg"]
    drawn = [f"Drawing {name} …" for name in ("one", "two", "gone", "one", "three")]
    missed = "The server has no such slide. Reload the page to try again."
    assert said == [*drawn, f"{missed} two.svg is downloaded.", "one.svg is downloaded."]
    assert busy == [True, False]


# The messages [in the dialog, in the bar]: after the dialog's download of a missing slide, after
# the dialog is closed, after it opens with another slide, and after it opens again.
HEARD = """async () => {
  const { showGallery } = await import("/tests/page.js");
  const parentElement = await showGallery(["one", "two"]);
  const { fetch } = window;
  window.fetch = async () => new Response("", { status: 404 });
  const find = (selector) => parentElement.querySelector(selector);
  const until = async (there) => {
    for (let i = 0; i < 400 && !there(); i += 1) await new Promise((go) => setTimeout(go, 5));
  };
  const inBar = () => find(".gallery-bar [role=status]");
  const said = (place) => find(`${place} [role=status]`)?.textContent ?? null;
  const seen = () => [said("dialog[open]"), said(".gallery-bar")];
  find("[aria-label='Larger: one']").click();
  find("dialog button").click();
  await until(() => said("dialog[open]").startsWith("The server"));
  const found = [seen()];
  find("dialog").close();
  await until(inBar);
  found.push(seen());
  find("[aria-label='Larger: two']").click();
  found.push(seen());
  [...find("dialog").querySelectorAll("button")].at(-1).click(); // which says "Close"
  if (find("dialog").open) throw new Error("it is not shut");
  find("[aria-label='Larger: one']").click();
  await new Promise((go) => setTimeout(go, 20)); // until it is told that the other one was shut
  found.push(seen());
  find("dialog").close();
  parentElement.remove();
  window.fetch = fetch;
  return found;
}"""


def test_what_came_of_a_download_is_told_where_one_looks(modules: Page) -> None:
    missed = "The server has no such slide. Reload the page to try again."
    assert modules.evaluate(HEARD) == [[missed, None], [None, missed], ["", None], ["", None]]


# A gallery of two pictures. Returns: how many are marked, and whether presenting is disabled, at
# first, after one mark, and after each click on "Mark all"; the case presented, its group, and what
# the server opens; the label of "Unmark all" after it, a mark, and it again are clicked, and the
# longest labels of three buttons; whether the same lecture file can be opened again; the theme of
# slides when the page's changes, and after another one is chosen, with the picture's address; what
# is said of a missing picture that is enlarged; and errors that nothing handles.
MARKS = """async () => {
  const { default: gallery } = await import("/browser/gallery.js");
  const { presented, presentList } = await import("/browser/page.js");
  const { fetch } = window;
  window.fetch = async () => new Response("", { status: 404 });
  const versions = { light: "", dark: "" };
  const slides = ["one", "two"].map((name) =>
    ({ name, title: name, page: "relu", slug: `of-${name}`, address: "?", versions }));
  const groups = [{ title: "All", about: "", slides }];
  const data = { files: "/files", home: "/", assets: {}, groups, lecture: null };
  const parentElement = document.body.appendChild(document.createElement("div"));
  const told = [];
  const setTriggerValue = (...news) => told.push(news);
  const run = (background) => {
    document.body.style.background = background;
    gallery({ data, parentElement, setTriggerValue });
  };
  run("white");
  const find = (selector) => parentElement.querySelector(selector);
  const pause = () => new Promise((go) => setTimeout(go, 5));
  const boxes = [...parentElement.querySelectorAll("[type=checkbox]")];
  const marked = () =>
    [boxes.filter(({ checked }) => checked).length, find(".gallery-present").disabled];
  const all = find(".gallery-head button");
  const marks = [null, boxes[0], all, all].map((pressed) => {
    pressed?.click();
    return marked();
  });
  boxes[1].click();
  const root = document.documentElement;
  const unheard = [];
  const hear = ({ reason }) => unheard.push(String(reason));
  addEventListener("unhandledrejection", hear);
  root.requestFullscreen = async () => {
    told.push("fills the screen");
    throw new Error("not by this browser");
  };
  find(".gallery-present").click();
  delete root.requestFullscreen;
  const stops = [...presented().stops.map(({ group, title }) => [group, title]), ...told];
  presentList(null);
  const clear = [...parentElement.querySelectorAll("button")]
    .find(({ textContent }) => textContent === "Unmark all");
  const able = [boxes[1], boxes[1]].map((pressed) => {
    pressed.click();
    return !clear.disabled;
  });
  if (able.join() !== "false,true") throw new Error("nothing could be unmarked");
  const turns = [clear, boxes[0], clear].map((pressed) => {
    pressed.click();
    return clear.textContent;
  });
  turns.push(...[".gallery-zip", ".gallery-present"].map((each) => find(each).dataset.longest));
  turns.push(clear.dataset.longest);
  clear.click();
  marks.push([...marked(), ...JSON.parse(sessionStorage.getItem("gallery:marked"))]);
  const [input, files] = [find("input[type=file]"), new DataTransfer()];
  files.items.add(new File(["[scenes.one]"], "monday.toml"));
  input.files = files.files;
  input.dispatchEvent(new Event("change"));
  const free = input.files.length === 0;
  await pause();
  const theme = [...parentElement.querySelectorAll("select")].at(-1);
  const themes = ["black", "white"].map((background) => {
    run(background);
    return theme.value;
  });
  theme.value = "dark";
  theme.dispatchEvent(new Event("change"));
  run("white");
  themes.push(theme.value, find(".gallery-card img").getAttribute("src"));
  find(".gallery-larger").click();
  for (let i = 0; i < 400 && !find(".gallery-reason").textContent; i += 1) await pause();
  removeEventListener("unhandledrejection", hear);
  const said = find(".gallery-reason").textContent;
  find("dialog").close();
  parentElement.remove();
  sessionStorage.clear();
  window.fetch = fetch;
  return [marks, stops, turns, free, themes, said, unheard];
}"""


def test_a_gallery_marks_and_presents_its_pictures_and_keeps_a_chosen_theme(modules: Page) -> None:
    marks, stops, turns, free, themes, said, unheard = modules.evaluate(MARKS)
    assert marks[:4] == [[0, True], [1, False], [2, False], [0, True]]
    assert marks[4:] == [[1, False, "one"]], "it is marked again, also after a reload"
    assert stops == [["All", "two"], "fills the screen", ["first", "relu/of-two"]]
    assert unheard == [], "a browser need not give the whole screen"
    assert turns[:3] == ["Mark 1 again", "Unmark all", "Mark 1 again"], "of the last time"
    assert turns[3:] == ["Download marked as .zip", "Present marked", "Mark 2 again"]
    assert free, "a file that was changed is opened again"
    assert themes == ["dark", "light", "dark", "/files/dark/one.png?"]
    assert said == "The server has no such slide. Reload the page to try again."


# Returns the labels of a chart after two runs; what has the focus after Escape, after presenting
# begins, after Escape in a menu, and after Escape again; what is copied of the second run; and
# whether each graph is drawn in the chart's image, the upper one without a background.
CHARTED = """async () => {
  const { default: liveCharts } = await import("/browser/live_charts.js");
  const { giveClipboard, open, close } = await import("/tests/page.js");
  const main = open();
  const parentElement = main.appendChild(document.createElement("div"));
  const figure = JSON.stringify({ data: [], layout: { width: 10, height: 10 } });
  const data = { address: {}, assets: {}, theme: "light", token: "" };
  const drawn = [];
  window.Plotly.react = async (graph, _, { paper_bgcolor }) => {
    const over = graph === graph.parentElement.lastChild;
    drawn.push(graph.closest("[role=img]") !== null && over === (paper_bgcolor === "transparent"));
  };
  let leave;
  const heard = ["one", "two"].map((said) => {
    const charts = [{ figure, said, targets: [] }];
    const texts = { command: `of ${said}` };
    leave = liveCharts({ data: { ...data, texts, charts }, parentElement, setStateValue() {} });
    return parentElement.querySelector("[role=img]").ariaLabel;
  });
  const press = (target) =>
    target.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
  const present = parentElement.querySelector(".live-figure-present");
  const menu = main.appendChild(document.createElement("button"));
  menu.setAttribute("aria-expanded", true);
  const leaves = () => press(document);
  const acts = [leaves, () => present.click(), () => press(menu), leaves];
  const focused = acts.map((act) => {
    act();
    const { activeElement } = document;
    return activeElement === document.body ? "" : activeElement.textContent;
  });
  let copied;
  const takeAway = giveClipboard((text) => { copied = text; });
  const items = [...parentElement.querySelectorAll("[role=menuitem]")];
  items.find(({ textContent }) => textContent === "Copy command").click();
  for (let i = 0; i < 400 && !copied; i += 1) await new Promise((go) => setTimeout(go, 5));
  takeAway();
  close(main, leave);
  return [heard, focused, copied, drawn];
}"""


def test_a_chart_is_heard_as_it_is_and_the_keys_go_on_from_the_way_back(modules: Page) -> None:
    focused = ["", "Leave", "Leave", "Present"]
    assert modules.evaluate(CHARTED) == [["one", "two"], focused, "of two", [True, True]]


# The height of a chart of 400 by 400 px: in a window of 720 px, in a scrolled page, in a lower
# window, on a phone, and when only the page becomes wider; the height of one of 400 by 100 px that
# replaces it, and its size before scaling.
FITTED = """async () => {
  const { default: liveCharts } = await import("/browser/live_charts.js");
  const { open, close, sizeWindow } = await import("/tests/page.js");
  const main = open();
  main.style.cssText = "position: fixed; inset: 0; overflow: auto";
  const [parentElement, behind] = ["div", "div"].map((tag) => document.createElement(tag));
  behind.style.height = "2000px";
  main.append(parentElement, behind);
  const of = (height) => JSON.stringify({ data: [], layout: { width: 400, height } });
  const data = { texts: {}, address: {}, assets: {}, theme: "light", token: "" };
  let leave;
  const run = (height = 400) => {
    const charts = [{ figure: of(height), said: "", targets: [] }];
    leave = liveCharts({ data: { ...data, charts }, parentElement, setStateValue() {} });
  };
  let end;
  const acts = [() => run(), () => [main.scrollTo(0, 300), run()], () => {
    end = sizeWindow(innerWidth, 520);
    window.dispatchEvent(new Event("resize"));
  }, () => [(main.style.width = "600px"), run()], async () => {
    main.style.width = "";
    for (let i = 0; i < 2; i += 1) await new Promise(requestAnimationFrame);
  }, () => run(2000), () => run(100)];
  const found = [];
  for (const act of acts) {
    await act();
    found.push(parentElement.querySelector(".live-charts-chart").clientHeight);
  }
  end();
  const { width, height } = parentElement.querySelector(".live-charts-canvas").style;
  close(main, leave);
  return [...found, [width, height]];
}"""


def test_charts_are_as_large_as_the_window_allows(modules: Page) -> None:
    assert modules.viewport_size == {"width": 1280, "height": 720}
    *found, phone, again, least, other, size = modules.evaluate(FITTED)
    assert found == [700, 700, 500]
    assert (phone, again) == (400, 500), "on a phone it is no larger than it is"
    assert least == 2000 / 2, "smaller nobody could read it"
    assert other == 100 * 1280 / 400, "as wide as the page"
    assert size == ["400px", "100px"]


# The widths of charts of 400 and 200 px beside each other in pages of these widths, and their gap.
BESIDE = """async (pages) => {
  const { default: liveCharts } = await import("/browser/live_charts.js");
  const { open, close } = await import("/tests/page.js");
  const parentElement = open();
  const charts = [400, 200].map((width) => {
    const figure = JSON.stringify({ data: [], layout: { width, height: 50 } });
    return { figure, said: "", targets: [] };
  });
  const data = { texts: {}, address: {}, assets: {}, theme: "light", token: "", charts };
  let leave;
  const found = pages.map((width) => {
    parentElement.style.width = `${width}px`;
    leave = liveCharts({ data, parentElement, setStateValue() {} });
    const { style } = parentElement.firstElementChild;
    const wide = [...parentElement.querySelectorAll(".live-charts-chart")].map((chart) =>
      parseFloat(chart.style.width));
    return [...wide, parseFloat(style.gap)];
  });
  close(parentElement, leave);
  return found;
}"""


def test_charts_beside_each_other_share_the_page_and_on_a_phone_each_has_it(modules: Page) -> None:
    found = modules.evaluate(BESIDE, [1240, 930, 600, 300])
    assert found[:2] == [[2 * 400, 2 * 200, 40], [1.5 * 400, 1.5 * 200, 30]], "to its edge"
    assert found[2:] == [[400, 200, 20], [300, 200, 20]]


# The items of the menu of charts.
OFFERED = """async () => {
  const { default: liveCharts } = await import("/browser/live_charts.js");
  const { open, close } = await import("/tests/page.js");
  const parentElement = open();
  const data = { texts: {}, address: {}, assets: {}, charts: [], theme: "light", token: "" };
  const leave = liveCharts({ data, parentElement, setStateValue() {} });
  const items = [...parentElement.querySelectorAll("[role=menuitem]")];
  close(parentElement, leave);
  return items.map(({ textContent }) => textContent);
}"""


def test_charts_are_had_as_files_and_as_texts(modules: Page) -> None:
    files = ["Download PNG, 1920 × 1080", "Download SVG"]
    texts = [f"Copy {text}" for text in ("command", "Python", "PyTorch", "JAX")]
    assert modules.evaluate(OFFERED) == ["Copy link", *files, *texts]


# The SVG file of charts of these sizes, which replaced others: its size and background, and for
# each chart its place, its size, and an id in it.
SIDE_BY_SIDE = """async (sizes) => {
  const { default: liveCharts } = await import("/browser/live_charts.js");
  const { open, close, hearFiles } = await import("/tests/page.js");
  const parentElement = open();
  window.Plotly.toImage = async () =>
    '<svg xmlns="http://www.w3.org/2000/svg" width="4" height="3"><defs id="defs-0a1"/></svg>';
  let end;
  const made = new Promise((go) => { end = hearFiles((name, blob) => go(blob.text())); });
  const charts = sizes.map(([width, height]) => {
    const layout = { width, height, paper_bgcolor: "#eeeeee" };
    return { figure: JSON.stringify({ data: [], layout }), said: "", targets: [] };
  });
  const data = { texts: {}, address: {}, assets: {}, theme: "light", token: "" };
  const before = charts.map((chart) => ({ ...chart, figure: '{"data": [], "layout": {}}' }));
  const [, leave] = [before, charts].map((each) =>
    liveCharts({ data: { ...data, charts: each }, parentElement, setStateValue() {} }));
  const items = [...parentElement.querySelectorAll("[role=menuitem]")];
  items.find(({ textContent }) => textContent === "Download SVG").click();
  const file = new DOMParser().parseFromString(await made, "image/svg+xml").documentElement;
  close(parentElement, leave);
  end();
  const of = (element, ...names) => names.map((name) => element.getAttribute(name));
  const paper = of(file.querySelector("rect"), "width", "height", "fill");
  const parts = [...file.querySelectorAll("svg")].map((svg) =>
    [...of(svg, "x", "y", "width", "height").map(Number), svg.querySelector("defs").id]);
  return [[...of(file, "width", "height", "viewBox"), ...paper], parts];
}"""


def test_charts_in_one_file_lie_beside_each_other_in_its_middle(modules: Page) -> None:
    for sizes, places in (
        ([[400, 250], [500, 200]], [[40, 290, 800, 500], [880, 290, 1000, 400]]),  # as wide
        ([[400, 1000], [500, 200]], [[490, 40, 400, 1000], [930, 40, 500, 200]]),  # as high
    ):
        file, parts = modules.evaluate(SIDE_BY_SIDE, sizes)
        assert file == ["1920", "1080", "0 0 1920 1080", "1920", "1080", "#eeeeee"]
        assert [place for *place, _ in parts] == places
        assert len({name for *_, name in parts}) == len(parts), "a clip is found by its name"


# How many pictures a gallery marks and how many groups it opens if the tab's storage has this text
# under its keys; and the list that was presented before.
KEPT = """async (text) => {
  const keys = ["gallery:marked", "gallery:open", "presenter:list"];
  for (const key of keys) sessionStorage.setItem(key, text);
  const { presented } = await import("/browser/page.js");
  const list = presented();
  const { default: gallery } = await import("/browser/gallery.js");
  const slides = [{ name: "tie", title: "A tie", versions: {} }];
  const data = { files: "", home: "/", assets: {}, groups: [{ title: "All", slides }] };
  const parentElement = document.createElement("div");
  gallery({ data, parentElement, setTriggerValue() {} });
  sessionStorage.clear();
  const count = (selector) => parentElement.querySelectorAll(selector).length;
  return [count(".is-marked"), count("details[open]"), list];
}"""


def test_a_gallery_restores_its_marks_from_the_tab_and_ignores_what_it_cannot_read(
    modules: Page,
) -> None:
    for text, marked, opened in (("5", 0, 1), ('{"stops": [], "at": 0}', 0, 1), ('["tie"]', 1, 0)):
        modules.evaluate("(text) => sessionStorage.setItem('presenter:list', text)", text)
        modules.reload()
        assert modules.evaluate(KEPT, text) == [marked, opened, None]


# The name of a downloaded file, and what can be read of it: at once, and after the browser's time.
DOWNLOADED = """async () => {
  const { download } = await import("/browser/slide.js");
  const { setTimeout } = window;
  const { click } = HTMLAnchorElement.prototype;
  const found = [];
  let later;
  window.setTimeout = (act) => { later = act; };
  let url = "";
  HTMLAnchorElement.prototype.click = function () {
    url = this.href;
    found.push(this.download);
  };
  download(new Blob(["all of it"]), "tie.svg");
  Object.assign(window, { setTimeout });
  HTMLAnchorElement.prototype.click = click;
  const had = () => fetch(url).then((answer) => answer.text(), () => "nothing");
  found.push(await had());
  later();
  return [...found, await had()];
}"""


def test_a_file_is_there_until_the_browser_has_asked_where_to(modules: Page) -> None:
    assert modules.evaluate(DOWNLOADED) == ["tie.svg", "all of it", "nothing"]


# The name, type and size of the PNG of a chart, and how many drawings are counted after a run that
# brought nothing new; and, without a drawing library, what is said in the chart's place, and how
# many drawings are counted.
AS_PNG = """async () => {
  const { default: liveCharts } = await import("/browser/live_charts.js");
  const { open, close, hearFiles } = await import("/tests/page.js");
  const layout = { width: 40, height: 30, paper_bgcolor: "#eeeeee" };
  const charts = [{ figure: JSON.stringify({ data: [], layout }), said: "", targets: [] }];
  const assets = { plotly: "/no-charts.js" };
  const data = { texts: { name: "run" }, address: {}, assets, theme: "light", token: "", charts };
  const show = (parentElement) => liveCharts({ data, parentElement, setStateValue() {} });
  let end;
  const made = new Promise((go) => { end = hearFiles((...file) => go(file)); });
  const main = open();
  window.Plotly.toImage = async () =>
    '<svg xmlns="http://www.w3.org/2000/svg" width="4" height="3"><defs id="defs-0a1"/></svg>';
  const leave = [show(main), show(main)][1]; // in which nothing is new
  const items = [...main.querySelectorAll("[role=menuitem]")];
  items.find(({ textContent }) => textContent.startsWith("Download PNG")).click();
  const [name, blob] = await made;
  const { width, height } = await createImageBitmap(blob);
  const found = [name, blob.type, width, height, main.firstChild.dataset.revision];
  end();
  close(main, leave);
  const without = open();
  delete window.Plotly;
  const leaveIt = show(without);
  const { firstChild } = without;
  for (let i = 0; i < 400 && firstChild.childElementCount; i += 1) {
    await new Promise((go) => setTimeout(go, 5));
  }
  found.push(firstChild.textContent, firstChild.dataset.revision);
  document.querySelector("script[src='/no-charts.js']").remove();
  close(without, leaveIt);
  return found;
}"""


def test_charts_are_a_png_of_a_slides_size_and_say_where_nothing_draws_them(modules: Page) -> None:
    missing = "The drawing library could not be loaded. Reload the page to try again."
    assert modules.evaluate(AS_PNG) == ["run.png", "image/png", 1920, 1080, "1", missing, "0"]


# Whether the page makes room for charts that fill the screen: when they do, when they are left,
# when they do again, and after the browser's Back to this page.
FILLED = """async (next) => {
  const { default: liveCharts } = await import("/browser/live_charts.js");
  const { open, close } = await import("/tests/page.js");
  const data = { texts: {}, address: {}, assets: {}, charts: [], session: "one", token: "" };
  const parentElement = open();
  const leave = liveCharts({ data, parentElement, setStateValue() {} });
  const filled = () => document.documentElement.classList.contains("live-figure-presenting");
  const present = "live-figure-present";
  const there = [present, "live-charts-leave", present].map((name) => {
    parentElement.querySelector(`.${name}`).click();
    return filled() && location.search === "?present=1";
  });
  history.replaceState(null, "", next);
  close(parentElement, leave);
  const found = [...there, filled()];
  document.documentElement.className = "";
  return found;
}"""


def test_charts_that_fill_the_screen_leave_it_to_the_next_page(modules: Page) -> None:
    assert modules.evaluate(FILLED, "/gallery") == [True, False, True, False]
    assert modules.evaluate(FILLED, "/relu?present=1") == [True, False, True, True]


# By how much a chart grows when charts fill the screen and 200 px above them are gone.
GROWN = """async () => {
  const { default: liveCharts } = await import("/browser/live_charts.js");
  const { open, close } = await import("/tests/page.js");
  const main = open();
  main.innerHTML = "<div style='height: 200px'></div><div style='width: 3000px'></div>";
  const [above, parentElement] = main.children;
  const figure = JSON.stringify({ data: [], layout: { width: 30, height: 30 } });
  const charts = [{ figure, said: "a chart", targets: [] }];
  const data = { texts: {}, address: {}, assets: {}, session: "one", token: "", charts };
  const leave = liveCharts({ data, parentElement, setStateValue() {} });
  const tall = () => parentElement.querySelector(".live-charts-chart").clientHeight;
  const before = tall();
  above.hidden = true;
  parentElement.querySelector(".live-figure-present").click();
  const grown = tall() - before;
  close(main, leave);
  document.documentElement.className = "";
  return grown;
}"""


def test_charts_take_the_room_that_there_is_when_they_fill_the_screen(modules: Page) -> None:
    assert modules.evaluate(GROWN) == 200


# The message in a gallery about a slide that is being drawn when another one is enlarged; and
# whether a list of cases presented before is stored, is still presented there, and is still stored.
MEANWHILE = """async () => {
  const { giveSlides, showGallery } = await import("/tests/page.js");
  const { presented, presentList } = await import("/browser/page.js");
  const end = giveSlides([], () => new Promise(() => {}));
  presentList({ stops: [{ page: "relu", slug: "one" }], at: 0 });
  const kept = () => sessionStorage.getItem("presenter:list") !== null;
  const list = [kept()];
  const parentElement = await showGallery(["one", "two"]);
  list.push(presented() !== null, kept());
  const find = (selector) => parentElement.querySelector(selector);
  find(".gallery-foot button").click();
  find("[aria-label='Larger: two']").click();
  const said = find("dialog [role=status]").textContent;
  find("dialog").close();
  parentElement.remove();
  sessionStorage.clear();
  end();
  return [said, list];
}"""


def test_in_a_gallery_what_is_under_way_is_said_and_nothing_is_presented(modules: Page) -> None:
    assert modules.evaluate(MEANWHILE) == ["Drawing one …", [True, False, False]]


# The counts of pictures that a gallery shows for its groups; and for each of these lecture files,
# opened one after the other, its texts, the cases presented, and what the server opens.
LECTURES = """async (lectures) => {
  const { default: gallery } = await import("/browser/gallery.js");
  const { presented, presentList } = await import("/browser/page.js");
  document.body.style.background = "white";
  const versions = { light: "", dark: "" };
  const of = (name) => ({ name, title: name, address: "?", versions });
  const groups = [["one"], ["two", "three"]].map((names) => (
    { title: names[0], about: "", slides: names.map(of) }));
  const parentElement = document.body.appendChild(document.createElement("div"));
  const opened = [];
  const setTriggerValue = (...news) => opened.push(news);
  const found = lectures.map((lecture) => {
    const data = { files: "/files", home: "/", assets: {}, groups, lecture };
    gallery({ data, parentElement, setTriggerValue });
    const section = parentElement.querySelector(".gallery-lecture");
    const parts = [...section.querySelectorAll("h2, button, p, li")];
    if (section.hidden) return null;
    const texts = parts.map(({ textContent }) => textContent);
    parts.find(({ textContent }) => textContent.startsWith("Present"))?.click();
    const list = presented();
    presentList(null);
    return [texts, list && [list.stops.map(({ title }) => title), list.at], opened.splice(0)];
  });
  const counts = [...parentElement.querySelectorAll(".gallery-count")];
  parentElement.remove();
  sessionStorage.clear();
  return [counts.map(({ textContent }) => textContent), found];
}"""


def test_a_gallery_counts_each_group_and_shows_the_lecture_that_is_open(modules: Page) -> None:
    cases = {"A tie": "tie", "Two ties": "ties"}
    stops = [
        {"title": title, "address": "?", "page": "relu", "slug": slug}
        for title, slug in cases.items()
    ]
    first = [["first", "relu/tie"]]
    lectures = [
        {"name": "monday.toml", "stops": stops, "problems": []},
        {"name": "tuesday.toml", "stops": stops[:1], "problems": ["No such page."]},
        {"name": "empty.toml", "stops": [], "problems": ["Nothing is in it."]},
        None,
    ]
    counts, found = modules.evaluate(LECTURES, lectures)
    assert counts == ["1", "2"]
    assert found == [
        [["monday.toml", "Present 2", "Close", *cases], [[*cases], 0], first],
        [["tuesday.toml", "Present 1", "Close", "No such page.", "A tie"], [["A tie"], 0], first],
        [["empty.toml", "Close", "Nothing is in it."], None, []],
        None,
    ]


# Returns the case that the server is asked for, the text shown, and the ms until the next attempt,
# when the user presents a list and the server does not answer: at once, at each further attempt,
# and once the page has been left. Then how many attempts are still planned when the list is
# presented twice, and what the server is asked for while another page is on its way.
UNHEARD = """async () => {
  const { default: gallery } = await import("/browser/gallery.js");
  const { presentList } = await import("/browser/page.js");
  document.body.style.background = "white";
  const parentElement = document.body.appendChild(document.createElement("div"));
  const { setTimeout, clearTimeout } = window;
  let [later, pause] = [() => {}, 0];
  const opened = [];
  const setTriggerValue = (...news) => opened.push(news);
  const stops = [{ title: "A tie", address: "?", page: "relu", slug: "tie" }];
  const lecture = { name: "monday.toml", stops, problems: [] };
  gallery({ data: { home: "/", assets: {}, groups: [], lecture }, parentElement, setTriggerValue });
  window.setTimeout = (act, ms) => {
    [later, pause] = [act, ms];
  };
  const away = () => {
    parentElement.remove();
    later();
  };
  const press = () => parentElement.querySelector(".gallery-lecture .gallery-zip").click();
  const status = parentElement.querySelector(".gallery-status");
  const found = [press, () => later(), () => later(), () => later(), away].map((act) => {
    act();
    return [opened.splice(0), status.textContent, pause];
  });
  Object.assign(window, { setTimeout });
  const timers = new Set();
  window.setTimeout = (act) => timers.add(act) && act;
  window.clearTimeout = (act) => timers.delete(act);
  for (let i = 0; i < 2; i += 1) press();
  opened.length = 0;
  history.replaceState(null, "", "/train");
  window.dispatchEvent(new Event("popstate"));
  press();
  found.push([timers.size, opened]);
  history.replaceState(null, "", "/");
  Object.assign(window, { setTimeout, clearTimeout });
  presentList(null);
  sessionStorage.clear();
  return found;
}"""


def test_a_gallery_asks_again_for_what_is_presented_and_says_so(modules: Page) -> None:
    first, said = [["first", "relu/tie"]], "The server does not answer. Trying again."
    pressed, *again, away, twice = modules.evaluate(UNHEARD)
    assert pressed == [first, "", 3000]
    assert again == [[first, said, 6000], [first, said, 12_000], [first, said, 12_000]]
    assert away == [[], said, 12_000]
    assert twice == [1, []], "Streamlit would take it as a request for the page that is left"


# The explanation of an enlarged slide whose answer comes before that of the slide enlarged earlier.
LARGER = """async () => {
  const { showGallery } = await import("/tests/page.js");
  const { fetch } = window;
  const answers = [];
  window.fetch = (url) => new Promise((go) => {
    const explanation = [`Why of ${url.split("/").at(-1)}.`];
    answers.push(() => go(Response.json({ explanation })));
  });
  const parentElement = await showGallery(["one", "two"]);
  const find = (selector) => parentElement.querySelector(selector);
  for (const name of ["one", "two"]) {
    find(`[aria-label="Larger: ${name}"]`).click();
    if (name === "one") find("dialog").close();
  }
  for (const answer of answers.reverse()) {
    answer();
    await new Promise((go) => setTimeout(go, 5));
  }
  const { textContent } = find("dialog .gallery-reason");
  parentElement.remove();
  sessionStorage.clear();
  window.fetch = fetch;
  return textContent;
}"""


def test_a_larger_picture_has_its_own_reason(modules: Page) -> None:
    assert modules.evaluate(LARGER) == "Why of two.json."


# The bytes of a .zip with these files.
ZIP = """async (files) => {
  const { zipOf } = await import("/browser/files.js");
  const bytes = files.map(([name, text]) => [name, new TextEncoder().encode(text)]);
  return [...new Uint8Array(await zipOf(bytes).arrayBuffer())];
}"""


def test_each_file_in_a_zip_is_found_whole(modules: Page) -> None:
    files = {"one.svg": "<svg/>" * 50, "∂z.svg": "", "lecture.toml": "[scenes.one]\n"}
    with ZipFile(BytesIO(bytes(modules.evaluate(ZIP, [*files.items()])))) as packed:
        assert packed.testzip() is None
        assert {each: packed.read(each).decode() for each in packed.namelist()} == files


# The colours of the middle pixel and of each corner in a PNG made from this picture.
PIXEL = """async ([width, height, colour]) => {
  const { bytesOf, pngOf } = await import("/browser/files.js");
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">` +
    `<rect width="100%" height="100%" fill="${colour}"/></svg>`;
  const png = new Blob([bytesOf(await pngOf(svg, width, height))], { type: "image/png" });
  const context = new OffscreenCanvas(width, height).getContext("2d");
  context.drawImage(await createImageBitmap(png), 0, 0);
  const corners = [0, width - 1].flatMap((x) => [[x, 0], [x, height - 1]]);
  const places = [[width / 2, height / 2], ...corners];
  return places.map(([x, y]) => [...context.getImageData(x, y, 1, 1).data]);
}"""


def test_a_png_is_not_drawn_before_its_picture_is_there(modules: Page) -> None:
    assert modules.evaluate(PIXEL, [40, 30, "#D55E00"]) == [[0xD5, 0x5E, 0, 255]] * 5


# Whether a gallery's group is open: at first, on return after it was closed, and on return after it
# was opened.
FOLDED = """async () => {
  const { showGallery } = await import("/tests/page.js");
  const found = [];
  sessionStorage.clear();
  for (let visit = 0; visit < 3; visit += 1) {
    const parentElement = await showGallery(["one"]);
    const group = parentElement.querySelector("details");
    await new Promise((go) => setTimeout(go)); // until it is told that it is open
    found.push(group.open);
    const told = new Promise((go) => group.addEventListener("toggle", go));
    group.open = !group.open;
    await told;
    parentElement.remove();
  }
  sessionStorage.clear();
  return found;
}"""


def test_a_gallerys_groups_are_as_somebody_has_left_them(modules: Page) -> None:
    assert modules.evaluate(FOLDED) == [True, False, True]


# The address of a page of charts: when it opens, when a server that has forgotten it sends none,
# and when that server has been told.
WHERE = """async () => {
  const { default: liveCharts } = await import("/browser/live_charts.js");
  const { open, close } = await import("/tests/page.js");
  const data = { texts: {}, assets: {}, charts: [], theme: "light", token: "" };
  const parentElement = open();
  let leave;
  const runs = [["one", { w: "2" }], ["two", {}], ["two", { w: "3" }]];
  const found = runs.map(([session, address]) => {
    const now = { ...data, session, address };
    leave = liveCharts({ data: now, parentElement, setStateValue() {} });
    return location.search;
  });
  close(parentElement, leave);
  return found;
}"""


def test_a_server_that_has_forgotten_where_charts_were_does_not_say_it(modules: Page) -> None:
    assert modules.evaluate(WHERE) == ["?w=2", "?w=2", "?w=3"]
