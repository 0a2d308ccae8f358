// A picture that can be drawn on, with mouse, pen or finger: 28 × 28 pixels, five levels of ink.
//
// Strokes are seen here at once, and go to the server as text in the format of pages/inside/painting.py.
// When the hand rests, the server's picture takes their place.

import { make, placeAt } from "./elements.js";
import { bytesOf } from "./files.js";

const SIDE = 28;
const SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const [UNTOUCHED, PAPER, INK] = [0, 1, 5];
const FINE = 0.9; // pixels from a stroke's centre line within which the ink is full
const SOFT = 1.7; // pixels from it beyond which there is no ink
const WIDE = 1.5; // pixels from it within which the tools that remove ink work
/** @typedef {[x: number, y: number]} Point */

export class Pad {
  // move(name, text): called when something was drawn. rest(): called when the hand was lifted.
  /** @param {{ move: (name: string, text: string) => void, rest: () => void }} on */
  constructor({ move, rest }) {
    this.move = move;
    this.rest = rest;
    /** @type {number | null} */
    this.pointer = null; // the pointer that draws; other fingers are ignored
    /** @type {PadData | null} */
    this.pad = null;
    this.states = new Uint8Array(SIDE * SIDE); // of each pixel: UNTOUCHED, or PAPER to INK
    this.text = ""; // the states as text
    this.image = new Uint8Array(SIDE * SIDE); // the image that is drawn over, 0 to 255
    /** @type {Point | null} */
    this.at = null; // where the stroke ends so far
    this.clearing = 0; // a timer: until the strokes are cleared
    this.element = make("canvas", "live-figure-pad", { width: SIDE, height: SIDE, hidden: true });
    this.element.setAttribute("aria-hidden", "true"); // the keyboard paints cell by cell: see `takes`
    this.context = /** @type {CanvasRenderingContext2D} */ (this.element.getContext("2d"));
    this.element.addEventListener("pointerdown", (event) => this.begin(event));
    this.element.addEventListener("pointermove", (event) => this.follow(event));
    this.element.addEventListener("lostpointercapture", (event) => this.end(event));
  }

  get drawing() {
    return this.pointer !== null;
  }

  // Takes over the server's drawing; null if there is nothing to draw on.
  /** @param {PadData | null} pad */
  show(pad) {
    this.pad = pad;
    placeAt(this.element, pad?.box ?? [0, 0, 0, 0]);
    this.element.hidden = !pad || pad.tool === "look";
    if (!pad) return;
    this.states = decoded(pad.text);
    this.text = pad.text;
    this.image = bytesOf(pad.image);
    clearTimeout(this.clearing);
    // By then the server's picture is on the screen.
    this.clearing = setTimeout(() => this.context.clearRect(0, 0, SIDE, SIDE), 120);
  }

  // --- from the user

  /** @param {PointerEvent} event */
  begin(event) {
    if (event.button || this.drawing) return;
    event.preventDefault(); // so that no text is selected
    this.element.setPointerCapture(event.pointerId);
    this.pointer = event.pointerId;
    this.at = null;
    this.follow(event);
  }

  /** @param {PointerEvent} event */
  follow(event) {
    if (event.pointerId !== this.pointer || !this.pad) return;
    const { pad } = this;
    const events = event.getCoalescedEvents?.() ?? [];
    const box = this.element.getBoundingClientRect();
    for (const { clientX, clientY } of events.length ? events : [event]) {
      /** @type {Point} */
      const to = [
        ((clientX - box.left) / box.width) * SIDE,
        ((clientY - box.top) / box.height) * SIDE,
      ];
      this.stroke(pad, this.at ?? to, to);
      this.at = to;
    }
    this.tell(pad);
  }

  /** @param {PadData} pad */
  tell({ name }) {
    const text = encoded(this.states);
    if (text === this.text) return;
    this.text = text;
    clearTimeout(this.clearing); // the server's picture lacks the new strokes
    this.move(name, text);
  }

  // Applies the tool to an entry chosen by a key. Returns whether that is a pixel which the tool changes.
  /** @param {string} entry */
  takes(entry) {
    const { pad } = this;
    if (!pad || pad.tool === "look" || !entry.startsWith(pad.prefix)) return false;
    const { tool, prefix } = pad;
    const [row, column] = entry.slice(prefix.length).split(",").map(Number);
    const place = (row - 1) * SIDE + column - 1;
    this.states[place] = { draw: INK, erase: PAPER, restore: UNTOUCHED }[tool];
    this.paint(pad, place);
    this.tell(pad);
    this.rest();
    return true;
  }

  /** @param {PointerEvent} event */
  end({ pointerId }) {
    if (pointerId !== this.pointer) return;
    this.pointer = null;
    this.rest();
  }

  // Draws, or erases, from one place to another, in pixels.
  /** @param {PadData} pad @param {Point} from @param {Point} to */
  stroke(pad, from, to) {
    const low = [0, 1].map((axis) => Math.floor(Math.min(from[axis], to[axis]) - SOFT));
    const high = [0, 1].map((axis) => Math.ceil(Math.max(from[axis], to[axis]) + SOFT));
    for (let row = Math.max(0, low[1]); row < Math.min(SIDE, high[1]); row += 1) {
      for (let column = Math.max(0, low[0]); column < Math.min(SIDE, high[0]); column += 1) {
        this.touch(pad, row * SIDE + column, distance([column + 0.5, row + 0.5], from, to));
      }
    }
  }

  /** @param {PadData} pad @param {number} place @param {number} far from the stroke's centre line */
  touch(pad, place, far) {
    const { tool } = pad;
    if (tool === "draw") {
      const level = Math.round(4 * Math.min(1, Math.max(0, (SOFT - far) / (SOFT - FINE))));
      if (level / 4 <= this.ink(place)) return;
      this.states[place] = PAPER + level;
    } else if (far < WIDE) {
      this.states[place] = tool === "erase" ? PAPER : UNTOUCHED;
    } else {
      return;
    }
    this.paint(pad, place);
  }

  // The amount of ink at a place, 0 to 1.
  /** @param {number} place */
  ink(place) {
    const state = this.states[place];
    return state === UNTOUCHED ? this.image[place] / 255 : (state - PAPER) / (INK - PAPER);
  }

  /** @param {PadData} pad @param {number} place */
  paint({ colours }, place) {
    const [paper, ink] = colours.map(channels);
    const part = this.ink(place);
    const mixed = paper.map((value, i) => Math.round(value + part * (ink[i] - value)));
    this.context.fillStyle = `rgb(${mixed})`;
    this.context.fillRect(place % SIDE, Math.floor(place / SIDE), 1, 1);
  }
}

/** @param {string} colour */
function channels(colour) {
  return [1, 3, 5].map((i) => parseInt(colour.slice(i, i + 2), 16));
}

// The distance from a point to the line segment between two others.
/** @param {Point} point @param {Point} from @param {Point} to */
function distance([x, y], [x1, y1], [x2, y2]) {
  const [dx, dy] = [x2 - x1, y2 - y1];
  const along = ((x - x1) * dx + (y - y1) * dy) / (dx * dx + dy * dy || 1);
  const part = Math.min(1, Math.max(0, along));
  return Math.hypot(x - x1 - part * dx, y - y1 - part * dy);
}

// As text: the box around all touched pixels, then the states in it, two per character.
/** @param {Uint8Array} states */
function encoded(states) {
  const touched = [...states.keys()].filter((place) => states[place]);
  if (!touched.length) return "";
  const rows = touched.map((place) => Math.floor(place / SIDE));
  const columns = touched.map((place) => place % SIDE);
  const [top, left] = [Math.min(...rows), Math.min(...columns)];
  const [height, width] = [Math.max(...rows) - top + 1, Math.max(...columns) - left + 1];
  const inside = [];
  for (let row = top; row < top + height; row += 1) {
    for (let column = left; column < left + width; column += 1) {
      inside.push(states[row * SIDE + column]);
    }
  }
  const numbers = [top, left, height, width];
  for (let i = 0; i < inside.length; i += 2) numbers.push(8 * inside[i] + (inside[i + 1] ?? 0));
  return numbers.map((number) => SIGNS[number]).join("");
}

/** @param {string} text */
function decoded(text) {
  const states = new Uint8Array(SIDE * SIDE);
  if (!text) return states;
  const [top, left, height, width, ...pairs] = [...text].map((sign) => SIGNS.indexOf(sign));
  const inside = pairs.flatMap((pair) => [pair >> 3, pair & 7]);
  for (let i = 0; i < height * width; i += 1) {
    states[(top + Math.floor(i / width)) * SIDE + left + (i % width)] = inside[i];
  }
  return states;
}
