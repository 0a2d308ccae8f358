// Many numbers in few characters, as pages/figures/pack.py makes them.

const TYPES = { 1: Int8Array, 2: Int16Array, 4: Int32Array }; // by bytes

// What is said of the number at a place: a function of the place.
export function unpacked({ size, data, scale, words }, plus) {
  let numbers = null;
  return (place) => {
    numbers ??= new TYPES[size](Uint8Array.from(atob(data), (sign) => sign.charCodeAt(0)).buffer);
    const number = numbers[place] * scale;
    if (words.length) return words[number];
    const said = (number > 0 ? plus : "") + formatted(number);
    return plus ? `gradient ${said}` : said;
  };
}

// As pages/figures/words.py writes a number.
function formatted(number) {
  return String(Number(number.toPrecision(6))).replaceAll("-", "\u2212");
}
