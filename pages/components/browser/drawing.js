// A figure as SVG text, and that as pixels: the same text and the same bytes for the same figure.
//
// Needs window.Plotly, and nothing else.

// The figure in a file of this width and height. id: a few letters and digits that are this
// picture's own, so that several can be shown in one document.
/** @param {Figure} figure @param {number} width @param {number} height @param {string} id */
export async function svgOf(figure, width, height, id) {
  if (!window.Plotly) throw new Error("plotly.js is not loaded yet");
  const { layout } = figure;
  const drawn = await window.Plotly.toImage(figure, {
    format: "svg",
    width: layout.width,
    height: layout.height,
    imageDataOnly: true,
  });
  return sized(named(drawn, id), width, height);
}

// plotly.js draws at random what its clips, gradients and patterns are called.
/** @param {string} svg @param {string} id */
function named(svg, id) {
  const random = /\bid="defs-([0-9a-f]+)"/.exec(svg)?.[1];
  if (!random) throw new Error("plotly.js names the parts of its drawing in another way");
  const places = /\b(id="|(?:xlink:)?href="#|url\((?:&quot;|["'])?#)[^")&]*/g;
  return svg.replace(places, (place) => place.replace(random, id));
}

// The viewBox has the figure's own size. Inkscape keeps the spaces between a name and what follows
// in another style only if it is told so in XML's words; a browser heeds the style.
/** @param {string} svg @param {number} width @param {number} height */
function sized(svg, width, height) {
  const end = svg.indexOf(">");
  const root = svg
    .slice(0, end)
    .replace(/ style="[^"]*"/, "") // of no use here, and now before the viewBox, now behind it
    .replace(/ width="[^"]*"/, ` width="${width}"`)
    .replace(/ height="[^"]*"/, ` height="${height}"`);
  return `${root} xml:space="preserve"${svg.slice(end)}`;
}

// A PNG of an SVG text, as base64.
/** @param {string} svg @param {number} width @param {number} height */
export async function pngOf(svg, width, height) {
  const image = new Image(width, height);
  image.src = `data:image/svg+xml,${encodeURIComponent(svg)}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d");
  if (!context) throw new Error("this browser gives no canvas to draw on");
  context.drawImage(image, 0, 0, width, height);
  return canvas.toDataURL("image/png").split(",")[1];
}

/** @param {string} base64 */
export function bytesOf(base64) {
  return Uint8Array.from(atob(base64), (sign) => sign.charCodeAt(0));
}
