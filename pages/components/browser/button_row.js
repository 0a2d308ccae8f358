// Buttons side by side. They are changed in place, so that the one that was pressed keeps the focus.

import { make, makeButton } from "./elements.js";

const rows = new WeakMap();
let made = 0; // buttons, all in all: each has a name to be described by

export default function buttonRow({ data, parentElement, setTriggerValue }) {
  if (!rows.has(parentElement)) rows.set(parentElement, new ButtonRow(parentElement));
  rows.get(parentElement).show(data.buttons, (label) => setTriggerValue("pressed", label));
  return () => {
    // Streamlit also calls this for a run that a newer one has overtaken: the row lives on then.
    if (!parentElement.isConnected) rows.delete(parentElement);
  };
}

class ButtonRow {
  constructor(parent) {
    this.element = make("div", "button-row");
    this.element.dataset.testid = "button-row";
    this.items = [];
    parent.append(this.element);
  }

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
      button.setAttribute("aria-disabled", reason !== null);
      why.textContent = reason ?? "";
    });
  }

  item(label) {
    const element = make("span", "button-row-item");
    const why = make("span", "button-row-why", { role: "tooltip", id: `button-row-${(made += 1)}` });
    const button = makeButton("button-row-button", label, () => {
      if (button.getAttribute("aria-disabled") !== "true") this.press(label);
    });
    button.setAttribute("aria-describedby", why.id);
    element.append(button, why);
    return { element, button, why };
  }
}
