// On a narrow screen a table that does not fit becomes one card a row: every cell with its heading, differences first.
// A figure gets a button that puts its numbers, as a table, in the place of the drawing. Without this script tables
// scroll and figures stand still.
document.addEventListener("DOMContentLoaded", () => {
  const narrow = window.matchMedia("(max-width: 36rem)");

  // The headings over each column, from the top row of the head down; one that spans several is in each of them.
  const headings = (table) => {
    const grid = [];
    [...table.tHead.rows].forEach((row, depth) => {
      let column = 0;
      for (const cell of row.cells) {
        while (grid[depth]?.[column]) column += 1;
        for (let down = 0; down < cell.rowSpan; down += 1) {
          const line = (grid[depth + down] ??= []);
          for (let across = 0; across < cell.colSpan; across += 1) line[column + across] = cell;
        }
        column += cell.colSpan;
      }
    });
    return (grid[0] || []).map((_, column) => [...new Set(grid.map((line) => line[column]).filter(Boolean))]);
  };

  const name = (table) => {
    const over = headings(table);
    table.dataset.named = "";
    for (const body of table.tBodies) {
      for (const row of body.rows) {
        let column = 0;
        for (const cell of row.cells) {
          const spanned = over.slice(column, column + cell.colSpan);
          const heads = (spanned[0] || []).filter((head) => spanned.every((all) => all.includes(head)));
          if (cell.tagName === "TD") {
            cell.dataset.head = heads.map((head) => head.textContent.trim()).filter(Boolean).join(", ");
            if (heads.some((head) => head.hasAttribute("data-first"))) cell.dataset.first = "";
          }
          column += cell.colSpan;
        }
      }
    }
  };

  const tables = () =>
    [...document.querySelectorAll(".bd-article table")].filter((table) => table.tHead && table.tBodies.length && !table.hidden);

  const fit = () => {
    const all = tables();
    all.forEach((table) => table.classList.remove("cards"));
    if (!narrow.matches) return;
    const wide = all.filter((table) => {
      const frame = table.closest(".table-scroll, .pst-scrollable-table-container, .cell_output") || table.parentElement;
      return table.scrollWidth > Math.min(table.clientWidth, frame.clientWidth) + 1 || table.offsetWidth > frame.clientWidth + 1;
    });
    wide.forEach((table) => {
      if (!("named" in table.dataset)) name(table);
      table.classList.add("cards");
    });
  };

  const element = (tag, text, attributes = {}) => {
    const made = document.createElement(tag);
    if (text) made.textContent = text;
    Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, value));
    return made;
  };

  const tabulated = (source, caption) => {
    const [heads, rows] = JSON.parse(source.textContent);
    const table = element("table", "", { class: "dataframe" });
    table.append(element("caption", caption, { class: "visually-hidden" }));
    const head = table.createTHead().insertRow();
    heads.forEach((text) => head.append(element("th", text, { scope: "col" })));
    const body = table.createTBody();
    rows.forEach((texts) => {
      const row = body.insertRow();
      texts.forEach((text, column) => row.append(column ? element("td", text) : element("th", text, { scope: "row" })));
    });
    const frame = element("div", "", { class: "table-scroll other-view-table", tabindex: "0", role: "region", "aria-label": caption });
    frame.append(table);
    return frame;
  };

  document.querySelectorAll("script.other-view").forEach((source) => {
    const figure = source.closest("figure");
    const picture = figure.querySelector("picture");
    const caption = figure.querySelector("figcaption").textContent.trim();
    const button = element("button", source.dataset.asTable, { type: "button", class: "other-view-button" });
    let table = null;
    button.addEventListener("click", () => {
      if (!table) picture.after((table = tabulated(source, `${caption} – ${source.dataset.asTable}`)));
      else table.hidden = !table.hidden;
      picture.hidden = !table.hidden;
      figure.classList.toggle("as-table", picture.hidden);
      button.textContent = table.hidden ? source.dataset.asTable : source.dataset.asChart;
      fit();
    });
    picture.before(button);
  });

  fit();
  narrow.addEventListener("change", fit);
  document.addEventListener("toggle", fit, true); // what was folded has no width before
  window.addEventListener("resize", () => narrow.matches && requestAnimationFrame(fit));
});
