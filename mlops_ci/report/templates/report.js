"use strict";
// Tables that can be sorted. Without this the page is whole; the buttons are made here, so none does nothing.
(() => {
  const said = document.getElementById("said");
  const value = (row, at) => {
    const cell = row.cells[at];
    const text = cell.dataset.value ?? cell.textContent.trim();
    return text === "" || Number.isNaN(Number(text)) ? text : Number(text);
  };
  const compare = (one, other) => {
    if (typeof one === typeof other) return typeof one === "number" ? one - other : one.localeCompare(other, undefined, { numeric: true });
    return typeof one === "number" ? -1 : 1;
  };
  const sort = (table, at, label) => {
    const headers = [...table.tHead.rows[0].cells];
    const up = headers[at].getAttribute("aria-sort") !== "ascending";
    const body = table.tBodies[0];
    const rows = [...body.rows].map((row) => [value(row, at), row]);
    rows.sort((one, other) => (up ? 1 : -1) * compare(one[0], other[0]));
    body.append(...rows.map(([, row]) => row));
    headers.forEach((header) => header.removeAttribute("aria-sort"));
    headers[at].setAttribute("aria-sort", up ? "ascending" : "descending");
    said.textContent = `sorted by ${label}, ${up ? "ascending" : "descending"}`;
  };
  const unfold = () => document.getElementById(location.hash.slice(1))?.querySelector(":scope > details")?.setAttribute("open", "");
  addEventListener("hashchange", unfold);
  for (const table of document.querySelectorAll("table[data-sortable]")) {
    [...table.tHead.rows[0].cells].forEach((header, at) => {
      const label = header.textContent.trim();
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = label;
      button.addEventListener("click", () => sort(table, at, label));
      header.replaceChildren(button);
    });
  }
})();
