// On a phone a long page is folded: of a table as cards the first rows stand, of a long section its beginning, of what
// stands below a table or figure the label of the data; a button each shows the rest. Only marks are set here, and
// reading.css hides by them on a narrow screen, so that wide screens and paper have everything, as has a reader without
// scripts. A link to a place that is folded unfolds it, as does one with a choice from a listing.
document.addEventListener("DOMContentLoaded", () => {
  const ROWS = 3; // that stand of a long table
  const LONG_TABLE = 5; // rows up to which a table is not folded
  const LONG_SECTION = 1600; // pixels up to which a section is not folded
  const BEGINNING = 700; // pixels of a long section that stand at least
  const article = document.querySelector(".bd-article");
  const words = article?.dataset;
  if (!words?.allRows) return;
  const narrow = window.matchMedia("(max-width: 36rem)");

  const HOLDERS = { "all-rows": "table", whole: "section:has(> h2)", "with-side": ".result-table, .result-figure" };
  // Written out, since styles for classes that are found nowhere are left out of a book.
  const BUTTONS = { "all-rows": "unfold-all-rows", whole: "unfold-whole", "with-side": "unfold-with-side" };
  const buttons = new Map(Object.keys(HOLDERS).map((mark) => [mark, new Map()]));

  // A button that sets or takes away the mark of a holder, by which what is folded shows.
  const button = (holder, mark, more, less) => {
    const made = document.createElement("button");
    Object.assign(made, { type: "button", className: `unfold ${BUTTONS[mark]}`, textContent: more });
    made.setAttribute("aria-expanded", "false");
    made.addEventListener("click", () => {
      const open = holder.classList.toggle(mark);
      made.textContent = open ? less : more;
      made.setAttribute("aria-expanded", open);
      window.dispatchEvent(new Event("resize")); // tables that show now become cards
    });
    buttons.get(mark).set(holder, made);
    return made;
  };

  const foldRows = (table) => {
    const rows = [...table.tBodies].flatMap((body) => [...body.rows]);
    const told = rows.filter((row) => row.querySelector("td"));
    if (told.length <= LONG_TABLE || table.matches(".listing")) return;
    rows.slice(rows.indexOf(told[ROWS - 1]) + 1).forEach((row) => row.classList.add("beyond"));
    const frame = table.closest(".table-scroll, .pst-scrollable-table-container") || table;
    frame.after(button(table, "all-rows", words.allRows.replace("[n]", told.length), words.fewerRows));
  };

  const foldSide = (result) => {
    const side = result.querySelectorAll(":scope > .result-notes > p:not(.data-label, .kind-legend), :scope > .methods, :scope > .downloads");
    if (!side.length) return;
    side.forEach((part) => part.classList.add("side"));
    result.append(button(result, "with-side", words.side, words.lessSide));
  };

  const foldSection = (section) => {
    const top = section.getBoundingClientRect().top;
    const parts = [...section.children].slice(1);
    // Notes, which elsewhere stand in the margin, fold nothing away that stands without them.
    const noted = [...section.querySelectorAll("aside.margin")].map((note) => note.getBoundingClientRect());
    const height = (bottom) => bottom - top - noted.reduce((sum, note) => sum + (note.bottom <= bottom ? note.height : 0), 0);
    const first = parts.findIndex((part) => height(part.getBoundingClientRect().bottom) > BEGINNING) + 1;
    const rest = parts.slice(first);
    if (height(section.getBoundingClientRect().bottom) <= LONG_SECTION || !first || !rest.length) return;
    rest.forEach((part) => part.classList.add("rest"));
    section.append(button(section, "whole", words.rest.replace("[title]", section.querySelector("h2").firstChild.textContent), words.lessRest));
  };

  const unfold = (place) => {
    Object.entries(HOLDERS).forEach(([mark, selector]) => {
      const holder = place.closest(selector);
      const folded = place.closest(".rest, tr.beyond, .side");
      if (folded && holder && !holder.classList.contains(mark)) buttons.get(mark).get(holder)?.click();
    });
  };

  const follow = () => {
    const place = window.location.hash && document.getElementById(decodeURIComponent(window.location.hash.slice(1)));
    if (!place || !narrow.matches) return;
    unfold(place);
    place.scrollIntoView();
  };

  // What is chosen of a listing stands in the address (listing.js): whoever is sent it sees the listing.
  const unfoldChosen = () => {
    if (!narrow.matches) return;
    const asked = [...new URLSearchParams(window.location.search).keys()].map((key) => key.split(".")[0]);
    asked.map((name) => document.getElementById(name)).filter(Boolean).forEach(unfold);
  };

  article.querySelectorAll("table").forEach((table) => table.tHead && foldRows(table));
  article.querySelectorAll(".result-table, .result-figure").forEach(foldSide);
  let measured = false;
  const measure = () => {
    if (measured || !narrow.matches) return;
    measured = true;
    article.querySelectorAll("section:has(> h2)").forEach(foldSection);
  };
  // Once tables are cards and drawings there, since heights are looked at.
  window.addEventListener("load", () => { measure(); unfoldChosen(); follow(); });
  narrow.addEventListener("change", () => requestAnimationFrame(measure));
  window.addEventListener("hashchange", follow);
  document.addEventListener("click", (event) => event.target.closest?.('a[href^="#"]') && setTimeout(follow));
});
