// All nets in the order of their accuracy, with intervals, and what the paper printed.

const KINDS = { best: "Best epoch", final: "Final epoch", many_pairs: "Many pairs" };

function showLadder(nets, chosen) {
  const kinds = Object.keys(KINDS);
  const read = byId("ladder-read");

  function draw() {
    const kind = kinds[[...chosen][0]];
    const rows = nets
      .filter((net) => net[kind].mean !== null)
      .sort((one, other) => one[kind].mean - other[kind].mean);
    const narrow = isNarrow();
    const width = narrow ? 380 : 760;
    const row = narrow ? 40 : 26;
    const left = narrow ? 8 : 300;
    const height = row * rows.length + 30;
    const ends = rows.flatMap((net) => [net[kind].low ?? net[kind].mean, net[kind].high ?? net[kind].mean, net.paper.mean ?? net[kind].mean]);
    const low = Math.min(...ends) - 0.005, high = Math.max(...ends) + 0.005;
    const x = scale([low, high], [left, width - 12]);
    const picture = svg("svg", {
      viewBox: `0 0 ${width} ${height}`,
      tabindex: 0,
      role: "application",
      "aria-label": `Mean accuracy, ${KINDS[kind].toLowerCase()}. Arrow keys: up and down by net.`,
      "aria-describedby": "ladder-read",
    });
    for (const tick of ticks(low, high, narrow ? 4 : 7)) {
      picture.append(
        svg("line", { class: "axis", x1: x(tick), x2: x(tick), y1: 0, y2: height - 24 }),
        svg("text", { class: "soft", x: x(tick), y: height - 8, "font-size": 12, "text-anchor": "middle" }, accuracy(tick)),
      );
    }
    const shade = svg("rect", { class: "band", x: 0, width, height: row, visibility: "hidden" });
    picture.prepend(shade);
    let current = -1;

    function point(at) {
      current = Math.max(0, Math.min(rows.length - 1, at));
      const net = rows[current];
      const measured = net[kind];
      fill(shade, { y: row * current, visibility: "visible" }, []);
      const interval = measured.low === null ? "" : ` [${accuracy(measured.low)}, ${accuracy(measured.high)}]`;
      const paper = kind === "best" && net.paper.mean !== null ? `; the paper has ${accuracy(net.paper.mean)} ± ${accuracy(net.paper.std)}` : "";
      read.textContent = `${net.label}: ${accuracy(measured.mean)}${interval} over ${net.seeds} seeds${paper}. ${net.parameters.toLocaleString("en")} parameters.`;
    }

    rows.forEach((net, at) => {
      const y = row * at + (narrow ? 29 : row / 2);
      const measured = net[kind];
      const group = svg("g", { "data-net": net.label });
      group.append(
        svg("text", { x: narrow ? 8 : left - 12, y: narrow ? row * at + 15 : y + 4, "font-size": 13, "text-anchor": narrow ? "start" : "end" }, net.label),
        svg("circle", { cx: x(measured.mean), cy: y, r: 4.5, fill: "var(--c0)" }),
      );
      if (measured.low !== null) {
        group.append(svg("line", { x1: x(measured.low), x2: x(measured.high), y1: y, y2: y, stroke: "var(--c0)", "stroke-width": 2 }));
      }
      if (kind === "best" && net.paper.mean !== null) {
        const at = x(net.paper.mean);
        group.append(svg("path", { class: "paper", d: `M${at} ${y - 6}L${at + 6} ${y}L${at} ${y + 6}L${at - 6} ${y}Z`, fill: "none", stroke: "var(--c1)", "stroke-width": 2 }));
      }
      picture.append(group);
    });
    function pointed(event) {
      const box = picture.getBoundingClientRect();
      point(Math.floor((((event.clientY - box.top) / box.height) * height) / row));
    }
    for (const kind of ["pointermove", "pointerdown"]) picture.addEventListener(kind, pointed);
    picture.addEventListener("keydown", (event) => {
      const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
      if (!step) return;
      event.preventDefault();
      point(current + step);
    });
    const known = kind === "best" && rows.some((net) => net.paper.mean !== null);
    read.textContent = known ? "A diamond is the paper's number." : "";
    byId("ladder-chart").replaceChildren(picture);
  }

  toggles(byId("ladder-measures"), Object.values(KINDS), chosen, true, draw);
  draw();
}
