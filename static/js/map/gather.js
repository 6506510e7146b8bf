// Markers that would hide one another: a few stand side by side, many become one count. All sizes are pixels.

export const MARKER_RADIUS = 15;
export const GROUP_RADIUS = 18;
/** From one marker to the next, side by side: none covers another, even as a target. */
export const STEP = 33;
/** More operators than this at one place become one marker, with their count and their list. */
export const SIDE_BY_SIDE = 6;

/** Columns and rows in which so many markers stand side by side. */
function arrange(count) {
  const columns = Math.ceil(Math.sqrt(count));
  return { columns, rows: Math.ceil(count / columns) };
}

/** Half of the box that so many operators take around their centre. */
function halfOf(count) {
  if (count > SIDE_BY_SIDE) return { x: GROUP_RADIUS, y: GROUP_RADIUS };
  const { columns, rows } = arrange(count);
  return { x: (columns * STEP) / 2, y: (rows * STEP) / 2 };
}

/** Offsets [x, y] from their centre of so many markers side by side. */
export function* offsets(count) {
  const { columns, rows } = arrange(count);
  for (let index = 0; index < count; index += 1) {
    const row = Math.floor(index / columns);
    const inRow = Math.min(columns, count - row * columns);
    yield [((index % columns) - (inRow - 1) / 2) * STEP, (row - (rows - 1) / 2) * STEP];
  }
}

/** Points {x, y, operator} -> groups {x, y, operators}, none of which touches another. */
export function gather(points) {
  const groups = points.map(({ x, y, operator }) => ({ x, y, operators: [operator] }));
  for (let i = 0; i < groups.length; i += 1) {
    const j = groups.findIndex((other, index) => index > i && touch(groups[i], other));
    if (j === -1) continue;
    groups[i] = merge(groups[i], groups[j]);
    groups.splice(j, 1);
    i = -1; // the merged group is larger: it may touch one that was clear
  }
  return groups;
}

function touch(a, b) {
  const [halfA, halfB] = [halfOf(a.operators.length), halfOf(b.operators.length)];
  return Math.abs(a.x - b.x) < halfA.x + halfB.x && Math.abs(a.y - b.y) < halfA.y + halfB.y;
}

function merge(a, b) {
  const [m, n] = [a.operators.length, b.operators.length];
  return {
    x: (a.x * m + b.x * n) / (m + n),
    y: (a.y * m + b.y * n) / (m + n),
    operators: [...a.operators, ...b.operators],
  };
}
