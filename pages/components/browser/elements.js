// Elements, made in one line.

export function make(tag, name, properties = {}) {
  const element = document.createElement(tag);
  element.className = name;
  return Object.assign(element, properties);
}

export function makeButton(name, label, act) {
  const button = make("button", name, { type: "button", textContent: label });
  button.addEventListener("click", act);
  return button;
}
