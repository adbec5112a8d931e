// From a drawing to what the nets see, as MNIST was made: the digit's longer side 20 of 28 pixels,
// its centre of mass in the middle, then sums of 2x2 pixels.

const FRAME = 28, BOX = 20, MIDDLE = 14, SIDE = 14, WHITE = 255;

// Rows and columns that ink (side x side, 0 to 1) takes; null where there is none.
function placeOf(ink, side) {
  const rows = [], columns = [];
  ink.forEach((one, at) => {
    if (one <= 0.5) return;
    rows.push(Math.floor(at / side));
    columns.push(at % side);
  });
  if (!rows.length) return null;
  const ends = (of) => [of.reduce((a, b) => Math.min(a, b)), of.reduce((a, b) => Math.max(a, b)) + 1];
  return [ends(rows), ends(columns)];
}

// How much of cell `to` of BOX covers each pixel of a line of `length`.
function cover(to, length) {
  const [from, until] = [(to * length) / BOX, ((to + 1) * length) / BOX];
  const parts = [];
  for (let at = Math.floor(from); at < Math.min(Math.ceil(until), length); at += 1) {
    parts.push([at, Math.min(at + 1, until) - Math.max(at, from)]);
  }
  return parts;
}

// Scale the digit to BOX x BOX: each pixel is the mean of what it covers.
function boxed(ink, side, [[top, bottom], [left, right]]) {
  const [height, width] = [bottom - top, right - left];
  const longer = Math.max(height, width);
  const [above, before] = [Math.floor((longer - height) / 2), Math.floor((longer - width) / 2)];
  const at = (y, x) => {
    const [row, column] = [y - above, x - before];
    const inside = row >= 0 && row < height && column >= 0 && column < width;
    return inside ? ink[(top + row) * side + left + column] : 0;
  };
  const area = (longer / BOX) ** 2;
  const result = new Float64Array(BOX * BOX);
  for (let row = 0; row < BOX; row += 1) {
    const rows = cover(row, longer);
    for (let column = 0; column < BOX; column += 1) {
      let sum = 0;
      for (const [y, high] of rows) for (const [x, wide] of cover(column, longer)) sum += at(y, x) * high * wide;
      result[row * BOX + column] = sum / area;
    }
  }
  return result;
}

// What the nets see of ink (side x side, 0 to 1): 14 x 14 sums, 0 to 1,020; null of an empty pad.
function seenBy(ink, side) {
  const place = placeOf(ink, side);
  if (!place) return null;
  const box = boxed(ink, side, place);
  let mass = 0, down = 0, across = 0;
  box.forEach((one, at) => {
    mass += one;
    down += one * (Math.floor(at / BOX) + 0.5);
    across += one * ((at % BOX) + 0.5);
  });
  const [top, left] = [Math.ceil(MIDDLE - down / mass), Math.ceil(MIDDLE - across / mass)];
  const sums = new Array(SIDE * SIDE).fill(0);
  box.forEach((one, at) => {
    const [y, x] = [top + Math.floor(at / BOX), left + (at % BOX)];
    if (y < 0 || x < 0 || y >= FRAME || x >= FRAME) return;
    sums[Math.floor(y / 2) * SIDE + Math.floor(x / 2)] += Math.round(WHITE * one);
  });
  return sums;
}
