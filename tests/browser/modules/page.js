// Helpers that stand in for the page around a component: its main part, window, files, clipboard.

// Adds a page's scrolling part, and a drawing library that draws nothing. Returns that part.
export function open() {
  window.Plotly = { react: async () => {}, purge() {} };
  document.body.style.background = "white";
  const main = document.body.appendChild(document.createElement("div"));
  main.className = "stMain";
  return main;
}

// Removes the scrolling part, as another page does; then `leave` closes what was on it.
export function close(main, leave = () => {}) {
  main.remove();
  leave();
  delete window.Plotly;
  history.replaceState(null, "", "/");
}

// Makes a picture's stage, with a library that draws nothing. main: the page's scrolling part.
export async function makeStage(main) {
  const { Stage } = await import("/browser/stage.js");
  window.Plotly = {};
  const side = { element: document.createElement("div"), fit() {} };
  const stage = new Stage({ assets: {} }, side, { choose() {}, resized() {} }, { main });
  delete window.Plotly;
  return stage;
}

// Makes the window report this size. Returns a function that undoes it.
export function sizeWindow(innerWidth, innerHeight) {
  const before = Object.entries({ innerWidth, innerHeight }).map(([name, value]) => {
    const own = Object.getOwnPropertyDescriptor(window, name);
    Object.defineProperty(window, name, { value, configurable: true });
    return [name, own];
  });
  return () => Object.defineProperties(window, Object.fromEntries(before));
}

// Passes names and contents of downloads to `told`, and saves none. Returns a function to undo this.
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

// Adds a clipboard, which a page served by plain http lacks, and passes each text written to `told`.
// Returns a function that removes it.
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

// Shows a gallery of slides with these names. Returns its element.
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

// Makes the server's slides available after `wait`, but for names with "gone". files: gets the names
// of downloads; blobs: their contents. Returns a function that undoes it.
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

// Shows heat maps; each of `wanted` overrides properties of one with cells too small for a finger.
export async function showMaps(...wanted) {
  const { Grids } = await import("/browser/grids.js");
  const grids = new Grids(() => {});
  document.body.append(grids.element);
  const map = { prefix: "x", said: "a map", rows: 20, columns: 20, box: [0, 0, 200, 200], group: "" };
  grids.describe(wanted.map((each) => ({ ...map, ...each })), "");
  return grids;
}

// Shows a sheet of 280 px to draw on; on: handlers of its events. Returns the pad, the sheet's data,
// and its place.
export async function showPad(on = {}) {
  const { Pad } = await import("/browser/pad.js");
  const pad = new Pad({ move() {}, rest() {}, ...on });
  pad.element.setPointerCapture = () => {}; // no such pointer exists
  document.body.append(pad.element);
  const [image, colours] = [btoa("\0".repeat(784)), ["#ffffff", "#000000"]];
  const about = { name: "painting", text: "", prefix: "x", box: [0, 0, 280, 280], image, colours };
  const sheet = { ...about, tool: "draw" };
  pad.show(sheet);
  const { left, top } = pad.element.getBoundingClientRect();
  return { pad, sheet, left, top };
}

// Shows a component with this data, with everything open that opens while presenting. Returns a
// function that removes it.
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
