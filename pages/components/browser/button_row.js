// Buttons side by side. They are changed in place, so that the one that was pressed keeps the focus.

import { allow, attributes, make, makeButton } from "./elements.js";
import { residentOf } from "./page.js";

let made = 0; // how many buttons were made so far; numbers the ids of their tooltips

/** @param {Component<ButtonRowData>} component */
export default function buttonRow({ data, parentElement, setTriggerValue }) {
  const { resident, leave } = residentOf(parentElement, () => new ButtonRow(parentElement));
  resident.show(data.buttons, (label) => setTriggerValue("pressed", label));
  return leave;
}

class ButtonRow {
  /** @param {HTMLElement} parent */
  constructor(parent) {
    this.element = make("div", "button-row");
    /** @type {ReturnType<ButtonRow["item"]>[]} */
    this.items = [];
    this.labels = "";
    /** @type {(label: string) => void} */
    this.press = () => {};
    parent.append(this.element);
  }

  /** @param {ButtonRowData["buttons"]} buttons @param {(label: string) => void} press */
  show(buttons, press) {
    this.press = press;
    const labels = JSON.stringify(buttons.map(([label]) => label));
    if (labels !== this.labels) {
      this.labels = labels;
      this.items = buttons.map(([label]) => this.item(label));
      this.element.replaceChildren(...this.items.map(({ element }) => element));
    }
    buttons.forEach(([, reason], i) => {
      const { button, why } = this.items[i];
      allow(button, reason === null);
      why.textContent = reason ?? "";
    });
  }

  /** @param {string} label */
  item(label) {
    const element = make("span", "");
    const why = make("span", "button-row-why", { role: "tooltip", id: `button-row-${(made += 1)}` });
    const button = makeButton("button-row-button", label, () => this.press(label));
    attributes(button, { "aria-describedby": why.id });
    element.append(button, why);
    return { element, button, why };
  }
}
