// Two pads to draw in, and what each net says of them.

const PAD = 280, STROKE = 26;
const NAMES = ["First digit", "Second digit"];

function pad(name, examples, start, changed) {
  const canvas = html("canvas", { width: PAD, height: PAD, role: "img", "aria-label": `${name}: empty. Draw here, or load a digit.` });
  const seen = html("canvas", { class: "seen", width: SIDE, height: SIDE, role: "img", "aria-label": "What the nets see" });
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  const state = { pixels: null };
  let last = null;
  let next = start;

  function clear() {
    pen.fillStyle = "#ffffff";
    pen.fillRect(0, 0, PAD, PAD);
  }

  function show(pixels, what) {
    state.pixels = pixels;
    const small = seen.getContext("2d");
    const image = small.createImageData(SIDE, SIDE);
    for (let at = 0; at < SIDE * SIDE; at += 1) {
      const light = pixels ? pixels[at] / 4 : 0;
      image.data.set([light, light, light, 255], 4 * at);
    }
    small.putImageData(image, 0, 0);
    canvas.setAttribute("aria-label", `${name}: ${what}`);
    changed();
  }

  function read() {
    const { data } = pen.getImageData(0, 0, PAD, PAD);
    const ink = Float64Array.from({ length: PAD * PAD }, (_, at) => 1 - data[4 * at] / 255);
    const pixels = seenBy(ink, PAD);
    show(pixels, pixels ? "your drawing" : "empty. Draw here, or load a digit.");
  }

  function at(event) {
    const box = canvas.getBoundingClientRect();
    return [((event.clientX - box.left) / box.width) * PAD, ((event.clientY - box.top) / box.height) * PAD];
  }

  canvas.addEventListener("pointerdown", (event) => {
    if (state.loaded) clear();
    state.loaded = false;
    canvas.setPointerCapture(event.pointerId);
    last = at(event);
    line(last, last);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!last) return;
    const here = at(event);
    line(last, here);
    last = here;
  });
  for (const end of ["pointerup", "pointercancel"]) {
    canvas.addEventListener(end, () => {
      if (last) read();
      last = null;
    });
  }

  function line(from, to) {
    pen.strokeStyle = "#111111";
    pen.lineWidth = STROKE;
    pen.lineCap = "round";
    pen.beginPath();
    pen.moveTo(...from);
    pen.lineTo(...to);
    pen.stroke();
  }

  function load() {
    const example = examples[next % examples.length];
    next += 7; // not the same digit twice
    const cell = PAD / SIDE;
    clear();
    example.pixels.forEach((one, place) => {
      const light = Math.round(255 - one / 4);
      pen.fillStyle = `rgb(${light} ${light} ${light})`;
      pen.fillRect((place % SIDE) * cell, Math.floor(place / SIDE) * cell, cell, cell);
    });
    state.loaded = true;
    show(example.pixels, `a ${example.digit} of the test digits`);
  }

  clear();
  state.place = html(
    "div",
    { class: "pad" },
    html("h3", {}, name),
    canvas,
    html(
      "div",
      { class: "tools" },
      html("button", { type: "button", onclick: load, "aria-label": `Load a test digit as the ${name.toLowerCase()}` }, "Load a digit"),
      html("button", { type: "button", onclick: () => { clear(); read(); }, "aria-label": `Clear the ${name.toLowerCase()}` }, "Clear"),
      seen,
    ),
  );
  state.load = load;
  return state;
}

const bar = (share) => html("div", { class: "bar", "aria-hidden": "true" }, html("span", { style: `width:${100 * share}%` }));

function saidBy(net, [first, second]) {
  const said = answer(net, first, second);
  const parts = [html("h3", {}, net.label), html("p", { class: "about" }, net.about)];
  const sure = said.yes >= 0.5 ? said.yes : 1 - said.yes;
  parts.push(
    html("p", { class: "says" }, said.yes >= 0.5 ? "first ≤ second" : "first > second"),
    html("p", {}, `The head is ${percent(sure)} sure.`),
    bar(sure),
  );
  if (said.digits) {
    const likeliest = said.digits.map((each) => each.indexOf(Math.max(...each)));
    const named = likeliest.map((digit, at) => `${digit} (${percent(said.digits[at][digit])})`);
    const byDigits = said.byDigits >= 0.5 ? "≤" : ">";
    parts.push(
      html("p", {}, `It reads ${named[0]} and ${named[1]}.`),
      html("p", {}, `By its digits alone: first ${byDigits} second, ${percent(Math.max(said.byDigits, 1 - said.byDigits))} sure.`),
    );
  }
  return html("article", { class: "net" }, ...parts);
}

function showPads(nets, examples) {
  const pads = [];
  const changed = () => {
    const images = pads.map((one) => one.pixels);
    const ready = images.length === 2 && images.every(Boolean);
    byId("answers").replaceChildren(
      ...(ready ? nets.map((net) => saidBy(net, images)) : [html("p", {}, "Draw both digits, or load them.")]),
    );
  };
  NAMES.forEach((name, at) => pads.push(pad(name, examples, 4 + 11 * at, changed)));
  byId("pads").replaceChildren(...pads.map((one) => one.place));
  for (const one of pads) one.load();
}
