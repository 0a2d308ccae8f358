// Grids in groups: tiles beside each other, one stop of the Tab key all together, through which the
// arrow keys go from one to the next.

// Of each group one grid is a stop: the one that had the focus last, else the first.
export function oneStop(grids) {
  for (const grid of grids) {
    const own = grids.filter(({ group }) => group === grid.group);
    const stop = own.find(({ stop }) => stop) ?? own[0];
    grid.element.tabIndex = !grid.group || grid === stop ? 0 : -1;
  }
}

export function stopAt(grid, grids) {
  for (const other of grids) if (other.group === grid.group) other.stop = other === grid;
  oneStop(grids);
}

// The grid beside this one of its group, where a step down or right leaves it; null where it does
// not, or where there is none.
export function beyond(grid, grids, down, right) {
  const [row, column] = [grid.row + down, grid.column + right];
  const inside = row >= 0 && row < grid.rows && column >= 0 && column < grid.columns;
  if (inside || !grid.group) return null;
  const [left, top, width, height] = grid.box;
  const [x, y] = [left + width * (0.5 + 1.2 * right), top + height * (0.5 + 1.2 * down)];
  const there = ({ box, group }) =>
    group === grid.group &&
    box[0] <= x && x <= box[0] + box[2] &&
    box[1] <= y && y <= box[1] + box[3];
  return grids.find(there) ?? null;
}

// Where a step of the arrow keys comes in: at the near edge, in the same row or column.
export function entered(grid, from, down, right) {
  return [
    down ? (down > 0 ? 0 : grid.rows - 1) : from.row,
    right ? (right > 0 ? 0 : grid.columns - 1) : from.column,
  ];
}
