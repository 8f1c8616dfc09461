"use strict";
// Sorting, filtering and closed details for a table that is whole without it. Numbers come from the JSON of the report.
(() => {
  const report = JSON.parse(document.getElementById("report").textContent);
  const table = document.getElementById("layers");
  const groups = [...table.tBodies];
  const layerOf = (group) => report.layers[group.dataset.layer];

  const setOpen = (group, open) => {
    group.querySelector("th button").setAttribute("aria-expanded", open);
    group.querySelector(".detail").hidden = !open;
  };
  const isOpen = (group) => !group.querySelector(".detail").hidden;

  for (const group of groups) {
    const cell = group.querySelector("th");
    const button = document.createElement("button");
    button.type = "button";
    button.setAttribute("aria-controls", group.querySelector(".detail").id);
    button.append(...cell.childNodes);
    cell.append(button);
    button.addEventListener("click", () => setOpen(group, !isOpen(group)));
    setOpen(group, false);
  }

  // Undefined and null have no place in an order and stand last, whichever way it runs. In sqnr_db a null is infinite.
  const valueOf = (layer, key) => {
    let value = layer;
    for (const part of key.split(".")) {
      if (value === null || value === undefined) return undefined;
      value = part in Object(value) ? value[part] : undefined;
    }
    if (value === null) return key.startsWith("sqnr_db.") ? Infinity : undefined;
    return value;
  };
  const compare = (a, b) => (typeof a === "string" ? (a < b ? -1 : a > b ? 1 : 0) : a - b || 0);
  const sortBy = (header, direction) => {
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    header.setAttribute("aria-sort", direction);
    const sign = direction === "ascending" ? 1 : -1;
    const keyed = groups.map((group) => [valueOf(layerOf(group), header.dataset.key), group]);
    keyed.sort(([a], [b]) => (a === undefined || b === undefined ? (a === undefined) - (b === undefined) : sign * compare(a, b)));
    table.append(...keyed.map(([, group]) => group));
  };
  for (const header of table.tHead.rows[0].cells) {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...header.childNodes);
    header.append(button);
    button.addEventListener("click", () => sortBy(header, header.getAttribute("aria-sort") === "ascending" ? "descending" : "ascending"));
  }

  const filter = document.getElementById("filter");
  const runsIn = document.getElementById("runs-in");
  const shown = document.getElementById("shown");
  const apply = () => {
    const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const group of groups) {
      const layer = layerOf(group);
      const text = [layer.name, layer.op, layer.shape, layer.types, layer.reason || "", ...layer.nodes, ...layer.post_ops].join(" ").toLowerCase();
      group.hidden = !(words.every((word) => text.includes(word)) && (!runsIn.value || runsIn.value === layer.result));
      if (!group.hidden) ++count;
    }
    shown.textContent = `${count} of ${groups.length} layers`;
  };
  filter.addEventListener("input", apply);
  runsIn.addEventListener("change", apply);
  table.parentElement.querySelector("form").addEventListener("submit", (event) => event.preventDefault());

  const all = document.getElementById("open-all");
  all.addEventListener("click", () => {
    const open = all.textContent === "Open all";
    for (const group of groups) setOpen(group, open);
    all.textContent = open ? "Close all" : "Open all";
  });

  // A link from the graph or a list opens the layer that it names.
  const openNamed = () => {
    const group = groups.find((candidate) => "#" + candidate.id === location.hash);
    if (!group) return;
    filter.value = runsIn.value = "";
    apply();
    setOpen(group, true);
    group.scrollIntoView();
  };
  addEventListener("hashchange", openNamed);

  document.querySelector(".controls").hidden = false;
  apply();
  openNamed();
})();
