// The texts of an SVG with their boxes, in pixels of the file: [text, left, top, width, height, size].
function textBoxes(svg) {
  const holder = document.createElement("div");
  holder.style.cssText = "position: absolute; left: 0; top: 0";
  holder.innerHTML = svg;
  document.body.append(holder);
  const root = holder.firstElementChild;
  const paper = root.getBoundingClientRect();
  const scale = paper.width / root.viewBox.baseVal.width;
  const texts = [...root.querySelectorAll("text")]
    .filter((text) => text.textContent.trim())
    .map((text) => {
      const { left, top, width, height } = text.getBoundingClientRect();
      const size = parseFloat(getComputedStyle(text).fontSize) * scale;
      return [text.textContent, left - paper.left, top - paper.top, width, height, size];
    });
  holder.remove();
  return { width: paper.width, height: paper.height, texts };
}
