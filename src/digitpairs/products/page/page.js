// Fills the page from its data.

const DATA = JSON.parse(byId("data").textContent);

// What people chose stays when a phone is turned.
const SHOWN = new Set(DATA.curves?.keys());
const MEASURE = new Set([0]);

// Charts are drawn for the width that there is, so that their text is readable on a phone.
function showCharts() {
  if (DATA.claims) showClaims(DATA.claims);
  if (DATA.curves) showCurves(DATA.curves, SHOWN);
  showLadder(DATA.ladder, MEASURE);
}

showCharts();
showTable(DATA.ladder);
if (DATA.nets) showPads(DATA.nets, DATA.examples);
window.matchMedia("(max-width: 36rem)").addEventListener("change", showCharts);
