// Headers of the table of films become buttons that sort it; without scripts it is read as it is.
const table = document.querySelector("table.films");
const words = new Intl.Collator(undefined, { numeric: true });
const heads = [...table.tHead.rows[0].cells];

function compareBy(column) {
  if (!heads[column].classList.contains("number")) return words.compare;
  const number = (text) => parseFloat(text.replace("\u2212", "-").replace(/^[^\d-]+/, ""));
  return (a, b) => number(a) - number(b);
}

function sort(column) {
  const head = heads[column];
  const sign = head.ariaSort === "ascending" ? -1 : 1;
  const compare = compareBy(column);
  const rows = [...table.tBodies[0].rows].map((row) => [row.cells[column].textContent, row]);
  // What is empty comes last, whichever way the others are sorted.
  rows.sort(([a], [b]) => !a - !b || (a && sign * compare(a, b)));
  const sorted = document.createDocumentFragment();
  rows.forEach(([, row]) => sorted.append(row));
  table.tBodies[0].append(sorted);
  heads.forEach((other) => other.removeAttribute("aria-sort"));
  head.ariaSort = sign > 0 ? "ascending" : "descending";
}

heads.forEach((head, column) => {
  const button = document.createElement("button");
  button.type = "button";
  button.append(...head.childNodes);
  button.addEventListener("click", () => sort(column));
  head.append(button);
});
