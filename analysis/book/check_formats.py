"""What a check found, as text, as JSON and as one HTML page: the same in all three."""

import json
from collections.abc import Iterator
from html import escape
from pathlib import Path
from string import Template

from analysis.book.checking import Findings
from analysis.show.catalogue import Catalogue
from analysis.study.intake import Rows
from analysis.study.problems import Problem, printable, spans


def as_text(found: Findings, words: Catalogue) -> str:
    """Lines of text, as they are printed."""
    return "\n".join(map(printable, _lines(found, words)))


def as_json(found: Findings) -> str:
    """JSON in ASCII, so that it reads the same in any locale."""
    return json.dumps(found.content(), indent=2) + "\n"


def write(found: Findings, words: Catalogue, page: Path | None, data: Path | None) -> None:
    """Write the HTML page and the JSON to the files that are named; raises OSError where that cannot be done."""
    if page:
        page.write_text(as_html(found, words), encoding="utf-8")
    if data:
        data.write_text(as_json(found), encoding="utf-8")


def _lines(found: Findings, words: Catalogue) -> Iterator[str]:
    yield f"{found.folder}: {_count(found, words)}"
    yield from (f"- {problem}" for problem in found.problems)
    for name, entries in (("unchecked", found.unchecked), ("warnings", found.warnings)):
        if entries:
            yield words.text(f"common.check.{name}")
            yield from (f"- {entry}" for entry in entries)
    if found.read:
        yield words.text("common.check.read")
        yield from (f"- {line}" for line in found.read)
    if found.rows and not found.problems:
        yield words.text("common.check.rows", tables=len(found.rows), rows=sum(each.rows or 0 for each in found.rows))
    yield from found.chapters


def _count(found: Findings, words: Catalogue) -> str:
    count = len(found.problems)
    return words.text(f"common.check.{('none', 'one')[count] if count < 2 else 'many'}", count=count)


def as_html(found: Findings, words: Catalogue) -> str:
    """One page that needs no other file: counts first, problems to be chosen by file, then everything else."""
    listed = [*found.problems, *found.warnings]
    files = dict.fromkeys(problem.file for problem in listed)
    parts = {
        "language": words.language,
        "title": words.text("common.check.title", folder=found.folder),
        "count": _count(found, words),
        "filter": words.text("common.check.filter"),
        "all": words.text("common.check.all_files"),
        "shown": words.text("common.check.shown"),
    }
    blocks = {
        "counts": "".join(f"<li>{escape(line)}</li>" for line in _counts(found, words)),
        "options": "".join(f'<option value="{_safe(file)}">{_safe(file)}</option>' for file in files),
        "sections": "".join(_sections(found, words)),
    }
    return _PAGE.substitute({name: _safe(text) for name, text in parts.items()}, **blocks)


def _safe(text: object) -> str:
    return escape(printable(str(text)))


def _counts(found: Findings, words: Catalogue) -> Iterator[str]:
    for name, number in found.content()["counts"].items():
        yield f"{words.text(f'common.check.headings.{name}')}: {number}"
    for file in dict.fromkeys(problem.file for problem in found.problems):
        number = sum(problem.file == file for problem in found.problems)
        yield printable(words.text("common.check.of_file", file=file, number=number))


def _sections(found: Findings, words: Catalogue) -> Iterator[str]:
    for name, entries in (("problems", found.problems), ("warnings", found.warnings)):
        if entries:
            yield _table(words, name, ("file", "lines", "column", "cause", "remedy"), map(_cells, entries))
    if found.unchecked:
        cells = ((each.what, each.because) for each in found.unchecked)
        yield _table(words, "unchecked", ("what", "because"), cells)
    if found.rows:
        yield _table(words, "tables", ("file", "rows", "rows_with_problem"), map(_row_counts, found.rows))
    if found.chapters:
        lines = "\n".join(map(_safe, found.chapters))
        yield f"<h2>{_safe(words.text('common.check.headings.report'))}</h2><pre>{lines}</pre>"


def _cells(problem: Problem) -> tuple[str, ...]:
    lines = spans(line for line in (problem.row, *problem.others) if line is not None)
    return problem.file, ", ".join(lines), problem.column or "", problem.cause, problem.remedy


def _row_counts(counted: Rows) -> tuple[object, ...]:
    return counted.file, "–" if counted.rows is None else counted.rows, counted.with_problem


def _table(words: Catalogue, name: str, columns: tuple[str, ...], rows: Iterator[tuple[object, ...]]) -> str:
    heading = _safe(words.text(f"common.check.headings.{name}"))
    head = "".join(f'<th scope="col">{_safe(words.text(f"common.check.columns.{column}"))}</th>' for column in columns)
    body = "".join(_row(cells, with_file=columns[0] == "file") for cells in rows)
    return (
        f'<section aria-labelledby="{name}"><h2 id="{name}">{heading}</h2><div class="wide" tabindex="0" '
        f'role="region" aria-labelledby="{name}"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
        "</div></section>"
    )


def _row(cells: tuple[object, ...], with_file: bool) -> str:
    of_file = f' data-file="{_safe(cells[0])}"' if with_file else ""
    return f"<tr{of_file}>" + "".join(f"<td>{_safe(cell)}</td>" for cell in cells) + "</tr>"


_PAGE = Template("""<!DOCTYPE html>
<html lang="$language">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>$title</title>
<style>
:root { color-scheme: light dark; }
body { font: 1rem/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 75rem; padding: 0 1rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid GrayText; padding: .4rem .6rem; text-align: left; vertical-align: top;
 overflow-wrap: anywhere; min-width: 5rem; }
select { font: inherit; max-width: 100%; }
pre { white-space: pre-wrap; }
</style>
</head>
<body>
<main>
<h1>$title</h1>
<p><strong>$count</strong></p>
<ul>$counts</ul>
<p><label for="file">$filter</label> <select id="file"><option value="">$all</option>$options</select>
<span role="status" id="shown" data-words="$shown"></span></p>
$sections
</main>
<script>
"use strict";
const chosen = document.getElementById("file"), shown = document.getElementById("shown");
chosen.addEventListener("change", () => {
  let count = 0;
  for (const row of document.querySelectorAll("tr[data-file]")) {
    row.hidden = chosen.value !== "" && row.dataset.file !== chosen.value;
    count += row.hidden ? 0 : 1;
  }
  shown.textContent = shown.dataset.words + " " + count;
});
</script>
</body>
</html>
""")
