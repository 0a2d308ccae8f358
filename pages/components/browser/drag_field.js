// A part of the picture on which one drags a slider's value itself, from left to right.

import { make } from "./elements.js";

// The range hears of it as if its thumb were dragged; it gets the focus, so that the arrow keys go
// on from there.
export function dragField([left, top, width, height], range) {
  const field = make("div", "live-figure-field");
  Object.assign(field.style, {
    left: `${left}px`,
    top: `${top}px`,
    width: `${width}px`,
    height: `${height}px`,
  });
  const tell = (type) => range.dispatchEvent(new Event(type, { bubbles: true }));
  const follow = ({ clientX }) => {
    const box = field.getBoundingClientRect();
    const [low, high] = [Number(range.min), Number(range.max)];
    range.value = low + ((clientX - box.left) / box.width) * (high - low); // it keeps to its ends
    tell("input");
  };
  field.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    event.preventDefault(); // no text is selected
    range.focus({ preventScroll: true });
    field.setPointerCapture(event.pointerId);
    follow(event);
  });
  field.addEventListener("pointermove", (event) => {
    if (field.hasPointerCapture(event.pointerId)) follow(event);
  });
  field.addEventListener("lostpointercapture", () => tell("change"));
  return field;
}
