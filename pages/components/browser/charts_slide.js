// The Slide button of figures side by side: all of them as one file.

import { svgOf } from "./drawing.js";
import { make } from "./elements.js";
import { pngBlob, SlideMenu } from "./slide.js";

const SIZE = [1920, 1080];
const MARGIN = 40; // px of the file around the figures, and between two of them
const TEXTS = [
  { label: "Copy link", text: () => location.href },
  { label: "Copy command", text: ({ command }) => command },
  { label: "Copy Python", text: ({ python }) => python },
];

export class ChartsSlide {
  // figures(): a promise of them, { data, layout } each. texts(): the name and what is copied.
  constructor({ figures, texts }) {
    const svg = async () => together(await figures());
    const files = [
      { label: "PNG, 1920 × 1080", ending: "png", made: async () => pngBlob(await svg(), SIZE) },
      { label: "SVG", ending: "svg", made: async () => new Blob([await svg()], { type: "image/svg+xml" }) },
    ];
    this.menu = new SlideMenu({ files, texts: TEXTS, ask: async () => texts() });
    this.element = make("div", "live-figure-tools");
    this.element.append(this.menu.element);
  }

  close() {
    this.menu.close();
  }
}

// The figures in a row, as large as the file allows, and in its middle.
async function together(figures) {
  const [width, height] = SIZE;
  const sum = figures.reduce((all, { layout }) => all + layout.width, 0);
  const tallest = Math.max(...figures.map(({ layout }) => layout.height));
  const free = width - MARGIN * (figures.length + 1);
  const scale = Math.min(free / sum, (height - 2 * MARGIN) / tallest);
  let left = MARGIN + (free - sum * scale) / 2;
  const parts = [];
  for (const [i, figure] of figures.entries()) {
    const [wide, high] = [figure.layout.width * scale, figure.layout.height * scale];
    const svg = await svgOf(figure, wide, high, `chart${i}`);
    parts.push(svg.replace("<svg ", `<svg x="${left}" y="${(height - tallest * scale) / 2}" `));
    left += wide + MARGIN;
  }
  const paper = `<rect width="${width}" height="${height}" fill="${figures[0].layout.paper_bgcolor}"/>`;
  const root = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`;
  return `${root}${paper}${parts.join("")}</svg>`;
}
