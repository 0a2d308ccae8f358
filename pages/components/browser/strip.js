// The presenter's strip: which preset is shown, the step-through, the address, the way out.

import { make, makeButton } from "./elements.js";

export class Strip {
  constructor({ go, show, address, leave }) {
    this.element = make("div", "live-figure-strip");
    this.element.setAttribute("role", "group");
    this.element.setAttribute("aria-label", "Presentation");
    const button = (label, title, act) =>
      Object.assign(makeButton("live-figure-tool", label, act), { title });
    this.back = button("◀", "The preset before (Page Up, key B)", () => go(-1));
    this.next = button("▶", "The next preset (Page Down, key N)", () => go(1));
    this.back.setAttribute("aria-label", "Preset before");
    this.next.setAttribute("aria-label", "Next preset");
    this.position = make("span", "live-figure-position");
    this.position.setAttribute("role", "status");
    this.titles = make("select", "live-figure-tool live-figure-titles");
    this.titles.setAttribute("aria-label", "Presets");
    this.titles.addEventListener("change", () => {
      show(this.titles.selectedIndex);
      this.titles.blur(); // the arrow keys are the step-through's again
    });
    this.middle = make("div", "live-figure-middle");
    this.right = make("div", "live-figure-right");
    this.right.append(
      button("Address", "The address and its QR code (key A)", address),
      button("Leave", "Back to the page (Escape)", leave),
    );
    this.element.append(
      this.back,
      this.position,
      this.titles,
      this.next,
      this.middle,
      this.right,
    );
  }

  // Takes in what stands elsewhere while nobody presents.
  hold(steps, slide) {
    this.middle.append(steps);
    this.right.prepend(slide);
  }

  // presets: those of every page, the pages one after the other; page: the one that is open.
  list(presets, page) {
    const groups = new Map();
    for (const { group, title } of presets) {
      if (!groups.has(group)) groups.set(group, make("optgroup", "", { label: group }));
      groups.get(group).append(make("option", "", { textContent: title }));
    }
    this.titles.replaceChildren(...groups.values());
    this.first = presets.findIndex((each) => each.page === page);
    this.count = presets.filter((each) => each.page === page).length;
    this.last = presets.length - 1;
  }

  // at: the preset that was shown last, -1 for none; changed: what is shown is no preset.
  tell(at, changed) {
    const where = at < 0 ? `${this.count} presets` : `${at - this.first + 1} of ${this.count}`;
    this.position.textContent = changed && at >= 0 ? `${where}, changed` : where;
    this.titles.selectedIndex = at;
    this.back.disabled = at === 0;
    this.next.disabled = at === this.last;
  }
}
