// Small helpers: elements, scales, and how numbers are written.

const SVG = "http://www.w3.org/2000/svg";

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value !== null && value !== undefined) node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== null));
  return node;
}

const html = (name, attributes = {}, ...children) =>
  fill(document.createElement(name), attributes, children);
const svg = (name, attributes = {}, ...children) =>
  fill(document.createElementNS(SVG, name), attributes, children);
const byId = (id) => document.getElementById(id);

function scale([low, high], [from, to]) {
  return (value) => from + ((value - low) / (high - low)) * (to - from);
}

// Round numbers between two ends, about as many as are asked for.
function ticks(low, high, count) {
  const rough = (high - low) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((one) => one * power).find((one) => one >= rough);
  const found = [];
  for (let at = Math.ceil(low / step); at * step <= high + 1e-9; at += 1) found.push(at * step);
  return found;
}

const minus = (text) => text.replace("-", "−");
const accuracy = (value) => (value === null ? "–" : value.toFixed(3).replace(/^0/, ""));
const points = (value) => minus((value > 0 ? "+" : "") + (100 * value).toFixed(2));
const wholePoints = (value) => minus((value > 0 ? "+" : "") + Number((100 * value).toFixed(2)));
const isNarrow = () => window.matchMedia("(max-width: 36rem)").matches;
// No net is certain: what rounds to 100 is said to be over 99.
const percent = (value) => (value >= 0.995 ? "over 99 %" : `${Math.round(100 * value)} %`);
const colour = (at) => `var(--c${at % 7})`;

// Buttons of which any may be on, or with `single` exactly one.
function toggles(place, names, chosen, single, change, swatches = false) {
  const buttons = names.map((name, at) =>
    html(
      "button",
      {
        type: "button",
        "aria-pressed": String(chosen.has(at)),
        onclick() {
          if (single) chosen.clear();
          if (chosen.has(at)) chosen.delete(at);
          else chosen.add(at);
          buttons.forEach((one, other) => one.setAttribute("aria-pressed", String(chosen.has(other))));
          change();
        },
      },
      swatches ? html("span", { class: "swatch", style: `border-color:${colour(at)}` }) : null,
      name,
    ),
  );
  place.replaceChildren(...buttons);
}
