// Test accuracy by epoch: a line a seed, a thick one the mean.

const meanOf = (runs) =>
  runs[0].accuracy.map((_, epoch) => {
    const known = runs.map((run) => run.accuracy[epoch]).filter((one) => one !== undefined);
    return known.reduce((sum, one) => sum + one, 0) / known.length;
  });

function showCurves(nets, shown) {
  const [width, height] = isNarrow() ? [340, 300] : [760, 400];
  const left = 34, right = 10, top = 8, bottom = 36;
  const read = byId("curves-read");
  const lines = nets.flatMap((net, at) => [
    ...net.runs.map((run) => ({ net, at, name: `seed ${run.seed}`, values: run.accuracy, mean: false })),
    { net, at, name: "mean", values: meanOf(net.runs), mean: true },
  ]);
  const all = lines.flatMap((line) => line.values);
  const low = Math.min(...all), high = Math.max(...all);
  const epochs = Math.max(...lines.map((line) => line.values.length));
  const x = scale([1, Math.max(epochs, 2)], [left, width - right]);
  const y = scale([low, high], [height - bottom, top]);
  const picture = svg("svg", {
    viewBox: `0 0 ${width} ${height}`,
    tabindex: 0,
    role: "application",
    "aria-label": "Test accuracy by epoch. Arrow keys: left and right by epoch, up and down by seed.",
    "aria-describedby": "curves-read",
  });
  for (const tick of ticks(low, high, 6)) {
    picture.append(
      svg("line", { class: "axis", x1: left, x2: width - right, y1: y(tick), y2: y(tick) }),
      svg("text", { class: "soft", x: left - 8, y: y(tick) + 4, "font-size": 12, "text-anchor": "end" }, accuracy(tick).slice(0, 3)),
    );
  }
  for (const tick of [1, ...ticks(2, epochs, 6)].filter((one) => Number.isInteger(one))) {
    picture.append(
      svg("text", { class: "soft", x: x(tick), y: height - 16, "font-size": 12, "text-anchor": "middle" }, tick),
    );
  }
  picture.append(
    svg("text", { class: "soft", x: (left + width) / 2, y: height - 1, "font-size": 12, "text-anchor": "middle" }, "Epoch"),
  );
  for (const line of lines) {
    line.path = svg("polyline", {
      points: line.values.map((value, epoch) => `${x(epoch + 1).toFixed(1)},${y(value).toFixed(1)}`).join(" "),
      fill: "none",
      stroke: colour(line.at),
      "stroke-width": line.mean ? 2.5 : 1,
      "stroke-opacity": line.mean ? 1 : 0.3,
      "data-net": line.net.label,
      "data-line": line.name,
    });
    picture.append(line.path);
  }
  const mark = svg("circle", { r: 4.5, fill: "none", stroke: "var(--ink)", "stroke-width": 2, visibility: "hidden" });
  picture.append(mark);

  let current = null;
  const visible = () => lines.filter((line) => shown.has(line.at));

  function point(line, epoch) {
    if (current) dress(current.line, false);
    current = { line, epoch: Math.min(epoch, line.values.length - 1) };
    dress(line, true);
    const value = line.values[current.epoch];
    fill(mark, { cx: x(current.epoch + 1), cy: y(value), visibility: "visible" }, []);
    read.textContent = `${line.net.label}, ${line.name}, epoch ${current.epoch + 1}: ${accuracy(value)}`;
  }

  function dress(line, on) {
    line.path.setAttribute("stroke-width", line.mean ? (on ? 3.5 : 2.5) : on ? 2 : 1);
    line.path.setAttribute("stroke-opacity", line.mean || on ? 1 : 0.3);
  }

  function pointed(event) {
    const box = picture.getBoundingClientRect();
    const px = ((event.clientX - box.left) / box.width) * width;
    const py = ((event.clientY - box.top) / box.height) * height;
    const epoch = Math.round(scale([left, width - right], [0, epochs - 1])(px));
    let best = null;
    for (const line of visible()) {
      const value = line.values[epoch];
      if (value === undefined) continue;
      const far = Math.abs(y(value) - py);
      if (!best || far < best.far) best = { line, far };
    }
    if (best) point(best.line, epoch);
  }

  // A tap on a phone moves no pointer.
  for (const kind of ["pointermove", "pointerdown"]) picture.addEventListener(kind, pointed);

  const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
  picture.addEventListener("keydown", (event) => {
    const step = STEPS[event.key];
    const among = visible();
    if (!step || !among.length) return;
    event.preventDefault();
    if (!current || !shown.has(current.line.at)) {
      point(among.findLast((line) => line.mean), epochs - 1);
      return;
    }
    const [right, up] = step;
    const epoch = Math.max(0, Math.min(epochs - 1, current.epoch + right));
    const ordered = among
      .filter((line) => line.values[epoch] !== undefined)
      .sort((one, other) => one.values[epoch] - other.values[epoch]);
    const at = ordered.indexOf(current.line) + up;
    point(ordered[Math.max(0, Math.min(ordered.length - 1, at))], epoch);
  });

  function show() {
    for (const line of lines) line.path.setAttribute("visibility", shown.has(line.at) ? "visible" : "hidden");
    if (current && !shown.has(current.line.at)) {
      mark.setAttribute("visibility", "hidden");
      read.textContent = "";
      current = null;
    }
  }

  toggles(byId("curves-nets"), nets.map((net) => net.label), shown, false, show, true);
  show();
  read.textContent = "";
  byId("curves-chart").replaceChildren(picture);
}
