// Search and choices above every long listing of the report. Without this script the listing is a plain table.
document.addEventListener("DOMContentLoaded", () => {
  document.querySelectorAll("table.listing").forEach((table, number) => {
    const rows = [...table.tBodies[0].rows];
    const texts = rows.map((row) => row.textContent.toLowerCase());
    const bar = document.createElement("div");
    bar.className = "listing-bar";

    const labelled = (text, element) => {
      const label = document.createElement("label");
      label.append(text + " ", element);
      bar.append(label);
      return element;
    };

    const search = document.createElement("input");
    search.type = "search";
    search.id = `listing-search-${number}`;
    labelled(table.dataset.search, search);

    const choices = [...table.tHead.rows[0].cells]
      .map((head, column) => ({ head, column }))
      .filter(({ head }) => head.hasAttribute("data-filter"))
      .map(({ head, column }) => {
        const select = document.createElement("select");
        const entries = [...new Set(rows.map((row) => row.cells[column].textContent))];
        select.append(new Option(table.dataset.all, ""), ...entries.map((entry) => new Option(entry, entry)));
        return { column, select: labelled(head.textContent, select) };
      });

    const shown = document.createElement("p");
    shown.setAttribute("role", "status");
    bar.append(shown);

    const apply = () => {
      const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      let count = 0;
      rows.forEach((row, index) => {
        const fits =
          words.every((word) => texts[index].includes(word)) &&
          choices.every(({ column, select }) => !select.value || row.cells[column].textContent === select.value);
        row.hidden = !fits;
        count += fits;
      });
      shown.textContent = table.dataset.shown.replace("[n]", count).replace("[all]", rows.length);
    };
    bar.addEventListener("input", apply);
    table.closest(".table-scroll").before(bar);
    apply();
  });
});
