// Slides of the gallery as files, drawn in the visitor's browser.

import { pngOf, svgOf } from "./drawing.js";
import { loadPlotly } from "./plot.js";
import { zipOf } from "./zip.js";

export const TYPES = { png: "image/png", svg: "image/svg+xml" };

// What is needed to draw: where figures and plotly.js are; format: "png" or "svg"; theme.
export class Drawer {
  constructor({ files, assets }) {
    Object.assign(this, { files, plotly: assets.plotly });
  }

  // The bytes of one slide's file.
  async bytes(name, format, theme) {
    const answer = await fetch(`${this.files}/${theme}/${name}.json`);
    if (!answer.ok) throw new Error("The server has no such slide. Reload the page to try again.");
    const { figure, size, id } = await answer.json();
    await loadPlotly(this.plotly); // not before the first download: it is large
    const svg = await svgOf(figure, ...size, id);
    if (format === "svg") return new TextEncoder().encode(svg);
    return Uint8Array.from(atob(await pngOf(svg, ...size)), (sign) => sign.charCodeAt(0));
  }

  // All of them in one .zip, with the file of scenes that makes them again. Calls tell(done) after
  // each; one that fails stops no other: {blob, failed: their names}.
  async zip(slides, format, theme, tell) {
    const made = [];
    const failed = [];
    for (const { name } of slides) {
      try {
        made.push([`${name}.${format}`, await this.bytes(name, format, theme)]);
      } catch {
        failed.push(name);
      }
      tell(made.length + failed.length);
    }
    const lecture = [
      "# Made again by: python -m pages.export lecture.toml\n",
      `theme = "${theme}"\nformat = "${format}"\n`,
      ...slides.map(({ scene }) => `\n${scene}`),
    ].join("");
    made.push(["lecture.toml", new TextEncoder().encode(lecture)]);
    return { blob: zipOf(made), failed };
  }
}
