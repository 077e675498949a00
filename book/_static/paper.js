// Before the book is printed: a table that is wider than the sheet becomes smaller until it fits, and no smaller.
window.fitToPaper = () => {
  document.querySelectorAll("main table, main .formula > math, main pre").forEach((element) => {
    const room = element.closest("section").clientWidth;
    const left = element.getBoundingClientRect().left - element.closest("section").getBoundingClientRect().left;
    const wide = Math.max(element.scrollWidth, element.getBoundingClientRect().width);
    if (wide > room - left + 1) element.style.zoom = Math.max((room - left) / wide, 0.45);
  });
};
// Numbers of the sheets, by the name of the section that begins there.
window.numberSheets = (sheets) => {
  document.querySelectorAll(".sheet").forEach((place) => { place.textContent = sheets[place.dataset.of] ?? ""; });
};
