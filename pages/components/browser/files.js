// Files: a figure as SVG text, SVG text as a PNG, and several files in one .zip. The same figure always
// gives the same text and the same bytes.
//
// Needs window.Plotly, and nothing else.

// The figure as SVG text of this width and height. id: a few letters and digits, unique to this
// picture, so that several can be shown in one document.
/** @param {Figure} figure @param {number} width @param {number} height @param {string} id */
export async function svgOf(figure, width, height, id) {
  if (!window.Plotly) throw new Error("plotly.js is not loaded yet");
  const { layout } = figure;
  const drawn = await window.Plotly.toImage(figure, {
    format: "svg",
    width: layout.width,
    height: layout.height,
    imageDataOnly: true,
  });
  return sized(named(drawn, id), width, height);
}

// Replaces the random part of the ids that plotly.js gives its clips, gradients and patterns.
/** @param {string} svg @param {string} id */
function named(svg, id) {
  const random = /\bid="defs-([0-9a-f]+)"/.exec(svg)?.[1];
  if (!random) throw new Error("plotly.js names the parts of its drawing in another way");
  const places = /\b(id="|(?:xlink:)?href="#|url\((?:&quot;|["'])?#)[^")&]*/g;
  return svg.replace(places, (place) => place.replace(random, id));
}

// Sets the size; the viewBox keeps the figure's own. Inkscape keeps the spaces between parts of a text
// in different styles only with xml:space, whereas a browser follows the CSS.
/** @param {string} svg @param {number} width @param {number} height */
function sized(svg, width, height) {
  const end = svg.indexOf(">");
  const root = svg
    .slice(0, end)
    .replace(/ style="[^"]*"/, "") // not needed, and either before or after the viewBox
    .replace(/ width="[^"]*"/, ` width="${width}"`)
    .replace(/ height="[^"]*"/, ` height="${height}"`);
  return `${root} xml:space="preserve"${svg.slice(end)}`;
}

// A PNG of an SVG text, as base64.
/** @param {string} svg @param {number} width @param {number} height */
export async function pngOf(svg, width, height) {
  const image = new Image(width, height);
  image.src = `data:image/svg+xml,${encodeURIComponent(svg)}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d");
  if (!context) throw new Error("this browser gives no canvas to draw on");
  context.drawImage(image, 0, 0, width, height);
  return canvas.toDataURL("image/png").split(",")[1];
}

/** @param {string} base64 */
export function bytesOf(base64) {
  return Uint8Array.from(atob(base64), (sign) => sign.charCodeAt(0));
}

// --- several files in one .zip, uncompressed: a PNG would not become smaller
//
// This code is 0.9 kB minified; the part of fflate 0.8.3 that stores without compressing is 5.2 kB.

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const VERSION = 20; // 2.0 is needed to unpack it
const UTF8 = 0x0800; // flag: the names are in UTF-8
const DATE = 0x0021; // 1 January 1980, the earliest possible date

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte;
  for (let bit = 0; bit < 8; bit += 1) rest = rest & 1 ? (rest >>> 1) ^ 0xedb88320 : rest >>> 1;
  return rest;
});

/** @param {Uint8Array} bytes */
function checksum(bytes) {
  let rest = 0xffffffff;
  for (const byte of bytes) rest = (rest >>> 8) ^ table[(rest ^ byte) & 0xff];
  return (rest ^ 0xffffffff) >>> 0;
}

// Numbers of 2 or 4 bytes, one after another, little-endian.
/** @typedef {[value: number, bytes: 2 | 4]} Field */
/** @param {Field[]} values */
function numbers(values) {
  const view = new DataView(new ArrayBuffer(values.reduce((sum, [, bytes]) => sum + bytes, 0)));
  let at = 0;
  for (const [value, bytes] of values) {
    if (bytes === 2) view.setUint16(at, value, true);
    else view.setUint32(at, value, true);
    at += bytes;
  }
  return view.buffer;
}

/** @param {[name: string, bytes: Uint8Array<ArrayBuffer>][]} files */
export function zipOf(files) {
  const parts = [];
  const directory = [];
  let offset = 0;
  let length = 0;
  for (const [name, bytes] of files) {
    const called = new TextEncoder().encode(name);
    /** @type {Field[]} */
    const said = [
      [VERSION, 2], [UTF8, 2], [0, 2], [0, 2], [DATE, 2], [checksum(bytes), 4],
      [bytes.length, 4], [bytes.length, 4], [called.length, 2], [0, 2],
    ];
    parts.push(numbers([[LOCAL, 4], ...said]), called, bytes);
    /** @type {Field[]} */
    const place = [[0, 2], [0, 2], [0, 2], [0, 4], [offset, 4]];
    directory.push(numbers([[CENTRAL, 4], [VERSION, 2], ...said, ...place]), called);
    offset += 30 + called.length + bytes.length;
    length += 46 + called.length;
  }
  const count = files.length;
  /** @type {Field[]} */
  const end = [[END, 4], [0, 2], [0, 2], [count, 2], [count, 2], [length, 4], [offset, 4], [0, 2]];
  return new Blob([...parts, ...directory, numbers(end)], { type: "application/zip" });
}
