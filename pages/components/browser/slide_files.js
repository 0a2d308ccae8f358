// A state as a file, made in the visitor's browser: PNG, SVG, interactive HTML.

import { pngOf, svgOf } from "./drawing.js";
import { make } from "./elements.js";

// The state of a live figure as SVG text, the one that `python -m pages.export` writes.
async function drawn(live) {
  const { figure, size, name } = await live.request("slide");
  await live.stage.ready;
  return { svg: await svgOf(JSON.parse(figure), ...size, name), size };
}

export async function svgFile(live) {
  const { svg } = await drawn(live);
  return new Blob([svg], { type: "image/svg+xml" });
}

export async function pngFile(live) {
  const { svg, size } = await drawn(live);
  return pngBlob(svg, size);
}

export async function pngBlob(svg, size) {
  const packed = atob(await pngOf(svg, ...size));
  const bytes = Uint8Array.from(packed, (sign) => sign.charCodeAt(0));
  return new Blob([bytes], { type: "image/png" });
}

// One file with all in it, plotly.js too: it plays without a server.
export async function htmlFile(live) {
  const { html, mark } = await live.request("html");
  const plotly = await fetch(live.data.assets.plotly);
  if (!plotly.ok) throw new Error("The drawing library could not be loaded.");
  const source = await plotly.text();
  return new Blob([html.replace(mark, () => source)], { type: "text/html" });
}

export function download(blob, name) {
  const url = URL.createObjectURL(blob);
  make("a", "", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000); // the browser may still be asking where to
}
