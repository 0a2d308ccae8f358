// The texts of an SVG with their boxes, in pixels of its viewBox: [text, left, top, width, height,
// size]; and how large the file is. Measured at that size, whatever the file's: small letters stand
// on whole pixels.
function textBoxes(svg) {
  const holder = document.createElement("div");
  holder.style.cssText = "position: absolute; left: 0; top: 0";
  holder.innerHTML = svg;
  document.body.append(holder);
  const root = holder.firstElementChild;
  const { width: across, height: down } = root.getBoundingClientRect();
  const { width, height } = root.viewBox.baseVal;
  root.setAttribute("width", width);
  root.setAttribute("height", height);
  const paper = root.getBoundingClientRect();
  const texts = [...root.querySelectorAll("text")]
    .filter((text) => text.textContent.trim())
    .map((text) => {
      const { left, top, width, height } = text.getBoundingClientRect();
      const size = parseFloat(getComputedStyle(text).fontSize);
      return [text.textContent, left - paper.left, top - paper.top, width, height, size];
    });
  holder.remove();
  return { size: [across, down], paper: [width, height], texts };
}
