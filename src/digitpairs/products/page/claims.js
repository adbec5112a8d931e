// The verdicts as cards that unfold to their evidence.

const SIGNS = { confirmed: "✓", partly: "◐", "not supported": "○", contradicted: "✗", undecided: "?" };
const MEASURES = {
  best_accuracy: "best epoch",
  final_accuracy: "final epoch",
  many_pairs_accuracy: "many pairs",
  parameters: "parameters",
  selection: "on the folds",
};

const chip = (verdict) =>
  html("span", { class: `chip ${verdict.replace(" ", "-")}`, "data-sign": SIGNS[verdict] }, verdict);

function effectOf(measure) {
  if (measure.effect === null) return "not tried";
  if (measure.measure === "parameters") return `${minus((100 * measure.effect).toFixed(1))} %`;
  const interval = measure.low === null ? "" : ` [${points(measure.low)}, ${points(measure.high)}]`;
  return `${points(measure.effect)} points${interval}`;
}

const probability = (p) => (p === null ? "" : p < 0.001 ? "p < .001" : `p = ${accuracy(p)}`);

// One row of a forest plot: the margin, the size that is claimed, the interval of each measure.
function forest(comparison, [low, high]) {
  const width = isNarrow() ? 300 : 640;
  const row = 16;
  const measures = comparison.measures.filter((one) => one.low !== null);
  const height = row * measures.length + 24;
  const x = scale([low, high], [4, width - 4]);
  const label = measures.map((one) => `${MEASURES[one.measure]} ${effectOf(one)}`).join("; ");
  const picture = svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label });
  const bottom = height - 20;
  picture.append(
    svg("rect", {
      class: "band",
      x: x(-comparison.margin),
      width: x(comparison.margin) - x(-comparison.margin),
      y: 0,
      height: bottom,
    }),
    svg("line", { class: "axis", x1: x(0), x2: x(0), y1: 0, y2: bottom }),
  );
  if (comparison.at_least !== null) {
    const claimed = x(comparison.at_least * (comparison.direction === "below" ? -1 : 1));
    picture.append(
      svg("line", { x1: claimed, x2: claimed, y1: 0, y2: bottom, stroke: "currentColor", "stroke-dasharray": "3 3" }),
    );
  }
  measures.forEach((one, at) => {
    const y = row * at + row / 2;
    const ink = one.decides ? `var(--${cssName(one.verdict)})` : "var(--soft)";
    picture.append(
      svg("line", { x1: x(one.low), x2: x(one.high), y1: y, y2: y, stroke: ink, "stroke-width": one.decides ? 3 : 1.5 }),
      svg("circle", { cx: x(one.effect), cy: y, r: one.decides ? 5 : 3.5, fill: one.decides ? ink : "var(--card)", stroke: ink }),
    );
  });
  for (const tick of ticks(low, high, isNarrow() ? 4 : 6)) {
    picture.append(
      svg("text", { class: "soft", x: x(tick), y: height - 4, "font-size": 11, "text-anchor": "middle" }, wholePoints(tick)),
    );
  }
  return picture;
}

const cssName = (verdict) => (verdict === "not supported" ? "unsupported" : verdict);

// What the effect is held against: the grey band and the dashed line of the plot.
function sizesOf({ margin, at_least: least, direction }) {
  const claimed = least === null ? "" : `; least size of the claim (dashed): ${points(least * (direction === "below" ? -1 : 1))} points`;
  return `Margin: ±${(100 * margin).toFixed(2)} points${claimed}`;
}

function evidence(comparison, range) {
  const rows = comparison.measures.map((one) =>
    html(
      "tr",
      one.decides ? { class: "decides" } : {},
      html("th", { scope: "row" }, MEASURES[one.measure] + (one.decides ? " (decides)" : "")),
      html("td", {}, effectOf(one)),
      html("td", {}, probability(one.p_holm)),
      html("td", {}, chip(one.verdict)),
    ),
  );
  return html(
    "div",
    { class: "evidence" },
    html("h4", {}, comparison.compared),
    comparison.sampled ? html("p", { class: "about" }, sizesOf(comparison)) : null,
    comparison.sampled && comparison.measures.some((one) => one.low !== null)
      ? forest(comparison, range)
      : null,
    html("table", { class: "measures" }, html("tbody", {}, ...rows)),
  );
}

// All comparisons of a claim share an axis.
function rangeOf(claim) {
  const ends = [0];
  for (const comparison of claim.comparisons) {
    ends.push(-comparison.margin, comparison.margin);
    for (const one of comparison.measures) if (one.low !== null) ends.push(one.low, one.high);
  }
  const [low, high] = [Math.min(...ends), Math.max(...ends)];
  const room = 0.08 * (high - low || 1);
  return [low - room, high + room];
}

function card(claim) {
  const range = rangeOf(claim);
  const other = claim.final && claim.final !== claim.verdict;
  const final = other ? `; by the final epoch: ${claim.final}` : "";
  return html(
    "details",
    { id: `claim-${claim.name}` },
    html(
      "summary",
      {},
      chip(claim.verdict),
      html("h3", {}, claim.says),
      html("span", { class: "source" }, `${claim.source}${final}`),
    ),
    html(
      "div",
      { class: "inside" },
      html("blockquote", {}, `“${claim.quote}”`),
      ...claim.comparisons.map((comparison) => evidence(comparison, range)),
    ),
  );
}

function showClaims(claims) {
  const open = byId("cards").querySelectorAll("details[open]");
  const unfolded = new Set([...open].map((one) => one.id));
  const cards = claims.map(card);
  for (const one of cards) one.open = unfolded.has(one.id);
  byId("cards").replaceChildren(...cards);
  const button = byId("unfold");
  button.onclick = () => {
    const open = cards.some((one) => !one.open);
    for (const one of cards) one.open = open;
  };
  const name = () => (button.textContent = cards.every((one) => one.open) ? "Fold all" : "Unfold all");
  for (const one of cards) one.addEventListener("toggle", name);
  name();
}
