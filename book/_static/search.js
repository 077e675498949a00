// Search in the whole report without a server: the texts come as a script, so that it works from a file, too, and
// MiniSearch makes its index of them in the reader's browser. What is searched for stands in the address (?q=).
(() => {
  const MOST = 40;
  const AROUND = 90;

  // A number as one term however it is written: 3,562 and 3562, 44.2 and 44,2.
  const number = (text) => (/^\d{1,3}(,\d{3})+(\.\d+)?$/.test(text) ? text.replace(/,/g, "") : text.replace(",", "."));
  const LETTERS = { æ: "ae", ø: "o", å: "a", đ: "d", ß: "ss" };
  const folded = (text) =>
    text.replace(/[æøåđß]/g, (letter) => LETTERS[letter]).normalize("NFD").replace(/\p{M}/gu, "");

  const isNumber = (term) => /^\d/.test(term);
  const tokenize = (text) => text.normalize("NFC").match(/\d+(?:[.,]\d+)*(?!\p{L})|[\p{L}\p{M}\d]+/gu) || [];
  const processTerm = (token) => {
    const term = token.toLowerCase();
    if (isNumber(term)) return number(term);
    const plain = folded(term);
    return plain === term ? term : [term, plain];
  };

  const engine = (pages) => {
    const entries = pages.flatMap(({ url, title, parts }) =>
      parts.map(([anchor, heading, text]) => ({ url: anchor ? `${url}#${anchor}` : url, title, heading, text })));
    const index = new MiniSearch({
      idField: "id",
      fields: ["title", "heading", "text"],
      tokenize,
      processTerm,
      searchOptions: {
        boost: { title: 3, heading: 2 },
        prefix: (term) => !isNumber(term) && term.length > 2,
        fuzzy: (term) => (!isNumber(term) && term.length > 5 ? 0.15 : false),
        weights: { prefix: 0.3, fuzzy: 0.1 },
      },
    });
    index.addAll(entries.map((entry, id) => ({ id, ...entry })));

    // Entries that have all words; where there are none, those that have any. Best first.
    return (query) => {
      const all = index.search(query, { combineWith: "AND" });
      const found = all.length ? all : index.search(query, { combineWith: "OR" });
      return found.map(({ id, match }) => ({ ...entries[id], terms: Object.keys(match) }));
    };
  };

  // Places of a text at which one of the terms stands: [start, end] of each.
  const placesOf = (text, terms) => {
    const known = new Set(terms);
    const places = [];
    for (const found of text.matchAll(/\d+(?:[.,]\d+)*(?!\p{L})|[\p{L}\p{M}\d]+/gu)) {
      if ([processTerm(found[0])].flat().some((term) => known.has(term))) {
        places.push([found.index, found.index + found[0].length]);
      }
    }
    return places;
  };

  // The piece of a text with most of the terms near each other, the terms marked.
  const snippet = (text, terms) => {
    const places = placesOf(text, terms);
    const distinct = (from) => new Set(places.filter(([start]) => start >= from && start < from + 2 * AROUND)
      .map(([start, end]) => text.slice(start, end).toLowerCase())).size;
    const best = places.reduce((found, [start]) => (distinct(start) > found.size ? { start, size: distinct(start) } : found),
      { start: 0, size: 0 }).start;
    const from = best > AROUND ? text.indexOf(" ", best - AROUND) + 1 : 0;
    const end = text.lastIndexOf(" ", best + 2 * AROUND);
    const to = text.length > best + 2 * AROUND && end > best ? end : text.length;
    const line = document.createElement("p");
    line.append(from > 0 ? "… " : "", ...marked(text, places, from, to), to < text.length ? " …" : "");
    return line;
  };

  // Part of a text with the terms in it marked.
  const marked = (text, places, from, to) => {
    const pieces = [];
    let at = from;
    places.filter(([start, stop]) => start >= from && stop <= to).forEach(([start, stop]) => {
      const mark = document.createElement("mark");
      mark.textContent = text.slice(start, stop);
      pieces.push(text.slice(at, start), mark);
      at = stop;
    });
    return [...pieces, text.slice(at, to)];
  };

  const entry = ({ url, title, heading, text, terms }) => {
    const item = document.createElement("li");
    const link = document.createElement("a");
    link.href = url;
    const name = heading || title;
    link.append(...marked(name, placesOf(name, terms), 0, name.length));
    const where = document.createElement("div");
    where.className = "where";
    where.textContent = title;
    item.append(link, ...(heading && heading !== title ? [where] : []), snippet(text, terms));
    return item;
  };

  // The texts as they were before they were packed.
  const unpacked = (packed) => {
    const bytes = Uint8Array.from(atob(packed), (letter) => letter.charCodeAt(0));
    return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"))).json();
  };

  window.reportSearch = async (packed) => {
    const started = performance.now();
    const find = engine(await unpacked(packed));
    const page = document.getElementById("search-page");
    const [input, status, list] = ["input", "[role=status]", "ol"].map((part) => page.querySelector(part));
    page.dataset.milliseconds = Math.round(performance.now() - started);

    const show = () => {
      const query = input.value.trim();
      const found = query ? find(query) : [];
      list.replaceChildren(...found.slice(0, MOST).map(entry));
      const words = found.length > MOST ? "many" : found.length === 1 ? "one" : found.length ? "some" : "none";
      status.textContent = query
        ? page.dataset[words].replace("[n]", found.length).replace("[most]", MOST).replace("[q]", query) : "";
    };

    let waiting = null;
    input.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => {
        const url = new URL(window.location);
        if (input.value.trim()) url.searchParams.set("q", input.value.trim());
        else url.searchParams.delete("q");
        window.history.replaceState(null, "", url);
        show();
      }, 120);
    });
    page.querySelector("form").addEventListener("submit", (event) => event.preventDefault());
    page.querySelector("form").hidden = false;
    input.value = new URLSearchParams(window.location.search).get("q") || "";
    show();
    if (!input.value) input.focus();
  };
})();
