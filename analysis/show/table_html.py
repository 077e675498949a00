"""A result table as accessible HTML: header cells with scope, groups of rows and columns, on one line or stacked."""

import re
from collections.abc import Callable, Sequence

from analysis.show.catalogue import Catalogue
from analysis.show.table_kinds import Parts, TableMarks, marks_of, with_marks
from analysis.show.tables import Formatter, Grid, Table, label_of, lay_out
from analysis.study.escaping import html

# A table beside the contents, in characters: the label of a row at its narrowest, room around a cell, the page.
_LABEL_WIDTH, _PADDING, _PAGE_WIDTH = 15, 2, 82
_WHOLE = re.compile(r"(\(\d+% CI\)|\w{1,8}-\w{1,9}\b)")


def to_html(table: Table, chapter: str, catalogue: Catalogue, caption: str) -> str:
    """The table element: caption, headings with scope, body. All texts are escaped.

    The first heading cell names the rows (`corner:` of the table in the catalogue, else the common one), so no heading
    is empty. The caption is HTML already escaped by the caller.
    """
    grid = lay_out(table, chapter, catalogue)
    formatter = Formatter(table, chapter, catalogue)
    marks = marks_of(table, grid, formatter)
    kind = _width(grid, formatter)
    return "\n".join(
        [
            f'<table class="{kind}">',
            f'<caption><span class="caption-text">{caption}</span></caption>',
            *_head(grid, table, chapter, catalogue, formatter, marks),
            *_bodies(grid, table, chapter, catalogue, formatter, marks),
            "</table>",
        ]
    )


def _width(grid: Grid, formatter: Formatter) -> str:
    """Classes by width: plain where every cell can stand on one line beside the others; else all intervals go below
    their estimates, and a table too wide even so takes the margin of the page.
    """
    if _needed(grid, formatter, len) <= _PAGE_WIDTH:
        return "dataframe"
    return "dataframe stacked" if _needed(grid, formatter, _stacked) <= _PAGE_WIDTH else "dataframe stacked full-width"


def _stacked(text: str) -> int:
    """Characters across of a text whose bracket stands below."""
    return max(map(len, text.split(" (")))


def _needed(grid: Grid, formatter: Formatter, across: Callable[[str], int]) -> int:
    """Characters across: a column needs its longest text and its heading's longest word, and room around them."""
    needed = _LABEL_WIDTH
    for _, column, slots in grid.columns:
        for slot in slots:
            texts = [body.get(slot, "") for (_, other), body in grid.body.items() if other == column]
            words = formatter.heading(slot).split()
            needed += max([*map(across, texts), *map(len, words)]) + _PADDING
    return needed


def _head(
    grid: Grid, table: Table, chapter: str, catalogue: Catalogue, formatter: Formatter, marks: TableMarks
) -> list[str]:
    levels: list[list[tuple]] = []
    if any(group is not None for group, _, _ in grid.columns):
        levels.append(_spans([(group, len(slots)) for group, _, slots in grid.columns], "column_groups"))
    levels.append([("columns", column, len(slots), ()) for _, column, slots in grid.columns])
    if any(formatter.heading(slot) for _, _, slots in grid.columns for slot in slots):
        levels.append([("slot", slot, 1, marks.columns.get((column, slot), ()))
                       for _, column, slots in grid.columns for slot in slots])  # fmt: skip
    corner = catalogue.get(f"{chapter}.tables.{table.key}.corner") or catalogue.text("common.table.corner")
    lines = ["<thead>"]
    for depth, level in enumerate(levels):
        first = f'<th scope="col" rowspan="{len(levels)}">{html(str(corner))}</th>' if depth == 0 else ""
        lines.append("<tr>" + first + "".join(_heading(*cell, table, chapter, catalogue, formatter) for cell in level))
        lines[-1] += "</tr>"
    return [*lines, "</thead>"]


def _spans(columns: Sequence[tuple[str | None, int]], group: str) -> list[tuple[str, str | None, int, Parts]]:
    """Neighbouring columns of one group joined under one heading."""
    spans: list[tuple[str, str | None, int, Parts]] = []
    for key, width in columns:
        if spans and key is not None and spans[-1][1] == key:
            spans[-1] = (group, key, spans[-1][2] + width, ())
        else:
            spans.append((group, key, width, ()))
    return spans


def _heading(
    group: str, key: str | None, width: int, kinds: Parts,
    table: Table, chapter: str, catalogue: Catalogue, formatter: Formatter,
) -> str:  # fmt: skip
    if key is None:
        return f'<td colspan="{width}"></td>'
    text = formatter.heading(key) if group == "slot" else label_of(table, group, key, chapter, catalogue)
    scope = f'scope="colgroup" colspan="{width}"' if width > 1 else 'scope="col"'
    before, bracket, within = text.partition(" (") if kinds else (text, "", "")
    marked = with_marks(_words_whole(before), _words_whole(bracket + within), kinds, catalogue)
    return f"<th {scope}{' data-first' * _is_result(group, key)}>{marked}</th>"


def _is_result(group: str, key: str) -> bool:
    """Whether a column is what readers look for: a difference. It is the first line of a card on a phone."""
    return (group == "columns" and "_minus_" in key) or (group == "slot" and key.partition("+")[0] == "difference")


def _words_whole(text: str) -> str:
    """Escaped label in which words with a hyphen and what stands in brackets do not break."""
    parts = _WHOLE.split(text)
    return "".join(f'<span class="whole">{html(p)}</span>' if _WHOLE.fullmatch(p) else html(p) for p in parts)


def _bodies(
    grid: Grid, table: Table, chapter: str, catalogue: Catalogue, formatter: Formatter, marks: TableMarks
) -> list[str]:
    lines = []
    for group, rows in grid.rows:
        lines.append("<tbody>")
        if group is not None:
            label = html(label_of(table, "row_groups", group, chapter, catalogue))
            lines.append(f'<tr><th scope="rowgroup" colspan="{grid.width + 1}">{label}</th></tr>')
        for row in rows:
            label = _words_whole(label_of(table, "rows", row, chapter, catalogue))
            label = with_marks(label, "", marks.rows.get(row, ()), catalogue)
            cells_of_row = "".join(
                _cells(grid, row, column, slots, formatter, marks) for _, column, slots in grid.columns
            )
            lines.append(f'<tr><th scope="row">{label}</th>{cells_of_row}</tr>')
        lines.append("</tbody>")
    return lines


def _cells(
    grid: Grid, row: str, column: str, slots: Sequence[str], formatter: Formatter, marks: TableMarks
) -> str:
    found = grid.body.get((row, column), {})
    kinds = {slot: marks.cells.get((row, column, slot), ()) for slot in found}
    if set(found) <= set(slots):
        texts = [_in_one_piece(found.get(slot, ""), kinds.get(slot, ()), formatter.catalogue) for slot in slots]
        return "".join(f"<td>{text}</td>" for text in texts)
    span = f' colspan="{len(slots)}"' if len(slots) > 1 else ""
    heads = {slot: f"{formatter.heading(slot)} " if len(found) > 1 else "" for slot in found}
    texts = [with_marks(html(heads[slot] + text), "", kinds[slot], formatter.catalogue)
             for slot, text in found.items()]  # fmt: skip
    return f"<td{span}>{'; '.join(texts)}</td>"


def _in_one_piece(text: str, kinds: Parts, catalogue: Catalogue) -> str:
    """Escaped text of a cell that may break before its bracket but not inside it, nor after "<" of a p-value.

    With the marks of its kinds.
    """
    before, bracket, within = text.partition(" (")
    whole = html(before).replace("&lt; ", "&lt;&nbsp;")
    piece = f' <span class="interval">({html(within)}</span>' if bracket else ""
    return with_marks(whole, piece, kinds, catalogue)
