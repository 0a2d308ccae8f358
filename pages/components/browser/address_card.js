// The address of what is shown, large and as a QR code, for everybody else's computers.

import { make } from "./elements.js";
import { here } from "./page.js";

export class AddressCard {
  constructor(figure) {
    this.figure = figure;
    this.code = make("div", "live-figure-qr");
    this.address = make("p", "live-figure-address");
    this.note = make("p", "live-figure-note");
    this.element = make("div", "live-figure-card", { tabIndex: -1 });
    this.element.setAttribute("role", "dialog");
    this.element.setAttribute("aria-label", "Address of this picture");
    this.element.append(this.code, this.address, this.note);
    this.element.addEventListener("click", () => this.close());
  }

  get open() {
    return this.element.isConnected;
  }

  toggle() {
    if (this.open) this.close();
    else this.show();
  }

  async show() {
    await this.fill();
    this.figure.stage.element.append(this.element);
    this.element.focus();
  }

  close() {
    this.element.remove();
  }

  // Something else may be shown now.
  refresh() {
    if (this.open && this.said !== location.href) this.fill();
  }

  async fill() {
    this.said = location.href;
    const { address, qr, note } = await this.figure.request("address", here());
    this.code.innerHTML = qr; // the server's own drawing
    this.code.hidden = !qr;
    this.address.textContent = address;
    // As large as a fifth of the screen allows.
    this.address.style.fontSize = `min(6vh, ${39 / Math.sqrt(address.length)}vw)`;
    this.note.textContent = qr ? note : `It is too long for a QR code. ${note}`;
  }
}
