// Search, choices and sorting for every long listing of the report; what is chosen stands in the address of the page, so
// that it can be sent and kept. Without this script the listing is a plain table.
document.addEventListener("DOMContentLoaded", () => {
  // A number as the listing writes it, for sorting; anything else is text.
  const number = (text) => {
    const plain = text.trim().replace(/,/g, "").replace(/−/g, "-");
    return /^-?\d+(\.\d+)?$/.test(plain) ? Number(plain) : null;
  };
  const compare = (a, b) => {
    const [first, second] = [number(a), number(b)];
    if (first !== null && second !== null) return first - second;
    if ((first === null) !== (second === null)) return first === null ? 1 : -1;
    return a.localeCompare(b, document.documentElement.lang || undefined, { numeric: true });
  };

  document.querySelectorAll("table.listing").forEach((table, place) => {
    const body = table.tBodies[0];
    const rows = [...body.rows];
    const texts = rows.map((row) => [...row.cells].map((cell) => cell.textContent.toLowerCase()));
    const heads = [...table.tHead.rows[0].cells];
    const name = table.closest("figure")?.id || `listing-${place}`;
    const key = (part) => `${name}.${part}`;
    const asked = new URLSearchParams(window.location.search);
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
    search.id = `listing-search-${place}`;
    search.value = asked.get(key("search")) || "";
    labelled(table.dataset.search, search);

    const choices = heads
      .map((head, column) => ({ head, column }))
      .filter(({ head }) => head.hasAttribute("data-filter"))
      .map(({ head, column }) => {
        const select = document.createElement("select");
        const entries = [...new Set(rows.map((row) => row.cells[column].textContent))];
        select.append(new Option(table.dataset.all, ""), ...entries.map((entry) => new Option(entry, entry)));
        const wanted = asked.get(key(head.dataset.column));
        if (entries.includes(wanted)) select.value = wanted;
        return { column, code: head.dataset.column, select: labelled(head.textContent, select) };
      });

    // As cards a listing has no headings to press; its order is chosen here then.
    const order = document.createElement("select");
    order.append(new Option("–", ""), ...heads.map((head) => new Option(head.textContent, head.dataset.column)));
    labelled(table.dataset.sort, order).parentElement.className = "listing-order";

    const shown = document.createElement("p");
    shown.setAttribute("role", "status");
    bar.append(shown);

    let sorted = null; // { column, descending }, or the order of the listing

    const remember = () => {
      const url = new URL(window.location);
      const put = (part, value) =>
        value ? url.searchParams.set(key(part), value) : url.searchParams.delete(key(part));
      put("search", search.value);
      choices.forEach(({ code, select }) => put(code, select.value));
      put("sort", sorted && (sorted.descending ? "-" : "") + heads[sorted.column].dataset.column);
      window.history.replaceState(null, "", url);
    };

    const apply = () => {
      const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
      let count = 0;
      rows.forEach((row, index) => {
        const fits =
          texts[index].some((text) => words.every((word) => text.includes(word))) &&
          choices.every(({ column, select }) => !select.value || row.cells[column].textContent === select.value);
        row.hidden = !fits;
        count += fits;
      });
      shown.textContent = table.dataset.shown.replace("[n]", count).replace("[all]", rows.length);
    };

    const sort = () => {
      const lines = rows.map((row, index) => ({ row, index }));
      if (sorted) {
        const { column, descending } = sorted;
        const text = ({ row }) => row.cells[column].textContent;
        const empty = (line) => ["", "–"].includes(text(line).trim()); // last in either order
        lines.sort((a, b) => empty(a) - empty(b) ||
          (descending ? compare(text(b), text(a)) : compare(text(a), text(b))) || a.index - b.index);
      }
      body.append(...lines.map(({ row }) => row));
      order.value = sorted ? heads[sorted.column].dataset.column : "";
      heads.forEach((head, column) => {
        const own = sorted && sorted.column === column;
        if (own) head.setAttribute("aria-sort", sorted.descending ? "descending" : "ascending");
        else head.removeAttribute("aria-sort");
      });
    };

    heads.forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        const again = sorted && sorted.column === column;
        sorted = again && sorted.descending ? null : { column, descending: Boolean(again) };
        sort();
        remember();
      });
    });

    const known = asked.get(key("sort")) || "";
    const column = heads.findIndex((head) => head.dataset.column === known.replace(/^-/, ""));
    if (known && column >= 0) sorted = { column, descending: known.startsWith("-") };

    order.addEventListener("change", () => {
      const chosen = heads.findIndex((head) => head.dataset.column === order.value);
      sorted = chosen < 0 ? null : { column: chosen, descending: false };
      sort();
      remember();
    });

    bar.addEventListener("input", () => {
      apply();
      remember();
    });
    table.closest(".table-scroll").before(bar);
    if (sorted) sort();
    apply();
  });
});
