// Text for the clipboard, also where a browser gives none: on a page that came over plain http.

import { make } from "./elements.js";

export class Copying {
  constructor() {
    this.field = make("textarea", "live-figure-copied");
    this.field.readOnly = true;
    this.field.hidden = true;
    this.field.setAttribute("aria-label", "The text to copy");
  }

  // Whether the text is on the clipboard now; if not, it stands selected in the field.
  async copy(text) {
    this.forget();
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      this.field.value = text;
      this.field.hidden = false;
      this.field.focus();
      this.field.select();
      return document.execCommand("copy");
    }
  }

  forget() {
    this.field.hidden = true;
    this.field.value = "";
  }
}
