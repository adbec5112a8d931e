// All nets, in a table that sorts by any of its columns.

const plusMinus = (one) => (one.mean === null ? "–" : `${accuracy(one.mean)}${one.std === null ? "" : ` ± ${accuracy(one.std)}`}`);
const COLUMNS = [
  { name: "Net", text: (net) => net.label, key: (net) => net.label.toLowerCase() },
  { name: "Best epoch", text: (net) => plusMinus(net.best), key: (net) => net.best.mean },
  { name: "Final epoch", text: (net) => plusMinus(net.final), key: (net) => net.final.mean },
  { name: "Many pairs", text: (net) => plusMinus(net.many_pairs), key: (net) => net.many_pairs.mean },
  { name: "Paper", text: (net) => plusMinus(net.paper), key: (net) => net.paper.mean },
  { name: "Parameters", text: (net) => net.parameters.toLocaleString("en"), key: (net) => net.parameters },
  { name: "Seeds", text: (net) => String(net.seeds), key: (net) => net.seeds },
];

function showTable(nets) {
  const body = html("tbody");
  const heads = COLUMNS.map((column, at) =>
    html("th", { scope: "col" }, html("button", { type: "button", onclick: () => sort(at) }, column.name)),
  );

  // What is missing stays at the end, whichever way the rest is sorted.
  function sort(at) {
    const up = heads[at].getAttribute("aria-sort") === "descending" || (at === 0 && !heads[at].hasAttribute("aria-sort"));
    heads.forEach((head) => head.removeAttribute("aria-sort"));
    heads[at].setAttribute("aria-sort", up ? "ascending" : "descending");
    const { key } = COLUMNS[at];
    const rows = [...nets].sort((one, other) => {
      const [a, b] = [key(one), key(other)];
      if (a === null || b === null) return (a === null) - (b === null);
      return (a < b ? -1 : a > b ? 1 : 0) * (up ? 1 : -1);
    });
    body.replaceChildren(
      ...rows.map((net) => html("tr", {}, ...COLUMNS.map((column) => html("td", {}, column.text(net))))),
    );
  }

  byId("nets").replaceChildren(html("thead", {}, html("tr", {}, ...heads)), body);
  sort(1);
}
