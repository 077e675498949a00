// Before the book is printed: a table that is wider than the sheet becomes smaller until it fits, and no smaller. All are
// measured before the first is changed, since each change moves what follows.
window.fitToPaper = () => {
  const measured = [...document.querySelectorAll("main table, main .formula > math, main pre")].map((element) => {
    const [own, room] = [element, element.closest("section")].map((each) => each.getBoundingClientRect());
    return { element, room: room.right - own.left, wide: Math.max(element.scrollWidth, own.width) };
  });
  measured.filter(({ room, wide }) => wide > room + 1).forEach(({ element, room, wide }) => {
    element.style.zoom = Math.max(room / wide, 0.45);
  });
};
// Numbers of the sheets, by the name of the section that begins there.
window.numberSheets = (sheets) => {
  document.querySelectorAll(".sheet").forEach((place) => { place.textContent = sheets[place.dataset.of] ?? ""; });
};
