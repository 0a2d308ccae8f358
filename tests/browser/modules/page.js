// What components find around themselves on a page.

// -> the part of it that scrolls; with a library that draws nothing.
export function open() {
  window.Plotly = { react: async () => {}, purge() {} };
  document.body.style.background = "white";
  const main = document.body.appendChild(document.createElement("div"));
  main.className = "stMain";
  return main;
}

// Takes it away, as another page does, and then leaves what was on it.
export function close(main, leave = () => {}) {
  main.remove();
  leave();
  delete window.Plotly;
  history.replaceState(null, "", "/");
}

// A picture's stage by itself, with a library that draws nothing. main: the page's part that scrolls.
export async function makeStage(main) {
  const { Stage } = await import("/browser/stage.js");
  window.Plotly = {};
  const side = { element: document.createElement("div"), fit() {} };
  const stage = new Stage({ assets: {} }, side, { choose() {}, resized() {} }, { main });
  delete window.Plotly;
  return stage;
}

// A window of this size, as it tells of itself. Returns what makes it as it was.
export function sizeWindow(innerWidth, innerHeight) {
  const before = Object.entries({ innerWidth, innerHeight }).map(([name, value]) => {
    const own = Object.getOwnPropertyDescriptor(window, name);
    Object.defineProperty(window, name, { value, configurable: true });
    return [name, own];
  });
  return () => Object.defineProperties(window, Object.fromEntries(before));
}

// Files are told, by their names and with what is in them, and not saved. Returns what ends that.
export function hearFiles(told) {
  const { createObjectURL } = URL;
  const { click } = HTMLAnchorElement.prototype;
  let made;
  URL.createObjectURL = (blob) => {
    made = blob;
    return "";
  };
  HTMLAnchorElement.prototype.click = function () { told(this.download, made); };
  return () => {
    HTMLAnchorElement.prototype.click = click;
    Object.assign(URL, { createObjectURL });
  };
}

// A clipboard, which a page that came over plain http has not: each text is told once it is there.
// Returns what takes it away again.
export function giveClipboard(told) {
  window.ClipboardItem = class {
    constructor(texts) {
      this.texts = texts;
    }
  };
  const write = async ([item]) => told(await (await item.texts["text/plain"]).text());
  Object.defineProperty(navigator, "clipboard", { value: { write }, configurable: true });
  return () => {
    delete navigator.clipboard;
    delete window.ClipboardItem;
  };
}

// A gallery of slides of these names. Returns where it is.
export async function showGallery(names) {
  const { default: gallery } = await import("/browser/gallery.js");
  document.body.style.background = "white";
  const of = { address: "?", versions: { light: "", dark: "" } };
  const slides = names.map((name) => ({ name, title: name, scene: `scene = ${name}\n`, ...of }));
  const groups = [{ title: "All", about: "", slides }];
  const data = { files: "/files", home: "/", assets: {}, groups, lecture: null };
  const parentElement = document.body.appendChild(document.createElement("div"));
  gallery({ data, parentElement, setTriggerValue() {} });
  return parentElement;
}

// Slides that can be drawn once somebody has waited; of a name with "gone" there is none. files: gets
// the names of what is downloaded; blobs: what is in it. Returns what takes them away again.
export function giveSlides(files, wait, blobs = []) {
  const { fetch, Plotly } = window;
  const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="4" height="3"><defs id="defs-0a1"/></svg>';
  window.Plotly = { toImage: async () => svg };
  window.fetch = async (url) => {
    await wait();
    const slide = { figure: { layout: {} }, size: [4, 3], id: "mine" };
    return new Response(JSON.stringify(slide), { status: url.includes("gone") ? 404 : 200 });
  };
  const end = hearFiles((name, blob) => {
    files.push(name);
    blobs.push(blob);
  });
  return () => {
    end();
    Object.assign(window, { fetch, Plotly });
  };
}

// Maps, of each of which is told what it has otherwise than one whose cells are small for a finger.
export async function showMaps(...wanted) {
  const { Grids } = await import("/browser/grids.js");
  const grids = new Grids(() => {});
  document.body.append(grids.element);
  const map = { prefix: "x", said: "a map", rows: 20, columns: 20, box: [0, 0, 200, 200], group: "" };
  grids.describe(wanted.map((each) => ({ ...map, ...each })), "");
  return grids;
}

// A sheet of 280 px that is drawn on; on: what hears of it. Returns the pad, what it knows of the
// sheet, and where that lies.
export async function showPad(on = {}) {
  const { Pad } = await import("/browser/pad.js");
  const pad = new Pad({ move() {}, rest() {}, ...on });
  pad.element.setPointerCapture = () => {}; // of a pointer that there is
  document.body.append(pad.element);
  const [image, colours] = [btoa("\0".repeat(784)), ["#ffffff", "#000000"]];
  const about = { name: "painting", text: "", prefix: "x", box: [0, 0, 280, 280], image, colours };
  const sheet = { ...about, tool: "draw" };
  pad.show(sheet);
  const { left, top } = pad.element.getBoundingClientRect();
  return { pad, sheet, left, top };
}

// A component with this in it, once a class presents and what opens is open. Returns what takes it
// away again.
export async function showAll(name, data) {
  const { default: component } = await import(`/browser/${name}.js`);
  const { LiveFigure } = await import("/browser/live_figure.js");
  const { fetch } = window;
  window.fetch = async () => new Response("", { status: 404 });
  const main = open();
  const parentElement = main.appendChild(document.createElement("div"));
  const say = () => {};
  let leave = say;
  if (name === "live_figure") {
    const figure = new LiveFigure(parentElement, data);
    figure.controls.arrange(data);
    figure.controls.place(figure.stage, true);
    figure.stage.describe(data, "");
    figure.stage.legend.show(data.legend);
    figure.side.ask(data.task);
    figure.side.say(data.explanation);
    const { strip, card, magnifier } = figure.tools.presenter;
    figure.stage.element.append(strip.element, card.element, magnifier.element);
    leave = () => figure.close();
  } else {
    leave = component({ data, parentElement, setStateValue: say, setTriggerValue: say });
  }
  parentElement.querySelector(".gallery-larger")?.click();
  return () => {
    close(main, leave);
    sessionStorage.clear();
    localStorage.clear();
    window.fetch = fetch;
  };
}
