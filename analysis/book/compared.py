"""A comparison of two reports in words: lines for a terminal, and one page that needs nothing beside it."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

from analysis.book.compare import Change, Comparison, Key, NoReport, Turn, compare
from analysis.show.catalogue import Catalogue
from analysis.show.prose import MISSING, fixed
from analysis.study.escaping import html, plain

LARGEST = 10
_STYLE = """
body { font: 1rem/1.5 sans-serif; color: #1f2933; background: #fff; max-width: 75rem; margin: auto; padding: 1rem;
  overflow-wrap: break-word; }
table { border-collapse: collapse; width: 100%; margin: 0 0 2rem; }
caption { text-align: left; font-weight: bold; padding: 0.3rem 0; }
th, td { border-bottom: 1px solid #52606d; padding: 0.3rem 0.6rem; text-align: left; vertical-align: top; }
.scroll { overflow-x: auto; }"""


__all__ = ["NoReport", "lines", "page", "side_by_side"]


def side_by_side(old: Path, new: Path, file: Path | None = None) -> tuple[str, bool]:
    """What differs between two built reports, and whether nothing does; with a file, the whole is written there.

    Raises NoReport for a folder without a report.
    """
    words = Catalogue()
    found = compare(old, new)
    if file:
        file.write_text(page(found, words), encoding="utf-8")
    return "\n".join(lines(found, words)), found.is_equal


def lines(found: Comparison, words: Catalogue) -> list[str]:
    """What changed, how many numbers did, the largest changes, and the sentences that turned."""
    if found.is_equal:
        rest = [] if _say_what_from(found) else [_say(words, "no_manifest")]
        return [_say(words, "equal", n=_count(found.numbers, words)), *rest]
    shown = [*overview(found, words)]
    if found.changes:
        shown.append(_say(words, "largest"))
        shown += [f"  {_place(each.place)}: {_was_and_is(each, words)}" for each in found.changes[:LARGEST]]
    for turn in (turn for turn in found.turns if turn.has_turned):
        shown.append(f"{_say(words, 'turned')}: {_place(turn.place)} ({turn.old_direction} → {turn.new_direction})")
        shown += [f"  {_say(words, 'old')}: {plain(turn.old)}", f"  {_say(words, 'new')}: {plain(turn.new)}"]
    return shown


def overview(found: Comparison, words: Catalogue) -> list[str]:
    """One line each on what the reports were made from, on chapters, tables, numbers and sentences."""
    turned = sum(turn.has_turned for turn in found.turns)
    kinds = Counter((bool(turn.old), bool(turn.new)) for turn in found.turns if not turn.has_turned)
    counts = {"turned": turned, "reworded": kinds[True, True], "new": kinds[False, True], "lost": kinds[True, False]}
    return [
        *_made_from(found, words),
        _sets(found.old.chapters, found.new.chapters, "chapters", words),
        _sets(found.old.tables.keys(), found.new.tables.keys(), "tables", words),
        _say(words, "numbers", changed=_count(len(found.changes), words), all=_count(found.numbers, words),
             new=_count(len(found.new_rows), words), lost=_count(len(found.lost_rows), words)),
        _say(words, "sentences", **{name: _count(n, words) for name, n in counts.items()}),
    ]  # fmt: skip


def _made_from(found: Comparison, words: Catalogue) -> list[str]:
    """A line for each part of the manifests; one line where a report has none."""
    if not _say_what_from(found):
        return [_say(words, "no_manifest")]
    told = []
    for part in ("study", "data", "code", "packages", "parameters", "chapters"):
        changed = [(path[1:], old, new) for path, old, new in found.made_from if path[0] == part]
        entries = [f"{_place(path)}: {_shortened(old)} → {_shortened(new)}" for path, old, new in changed]
        more = [_say(words, "more", n=_count(len(entries) - LARGEST, words))] if len(entries) > LARGEST else []
        told.append(f"{_say(words, f'parts.{part}')}: {'; '.join([*entries[:LARGEST], *more]) or _say(words, 'same')}")
    return told


def _say_what_from(found: Comparison) -> bool:
    """Whether both reports say what they were made from."""
    return found.old.made_from is not None and found.new.made_from is not None


def _sets(old: Iterable[str], new: Iterable[str], what: str, words: Catalogue) -> str:
    more, less = sorted(set(new) - set(old)), sorted(set(old) - set(new))
    return _say(words, what, new=", ".join(more) or MISSING, lost=", ".join(less) or MISSING)


def page(found: Comparison, words: Catalogue) -> str:
    """The whole comparison as an HTML page that needs no other file and no network."""
    title = html(_say(words, "title"))
    parts = [
        f"<h1>{title}</h1>",
        "<ul>" + "".join(f"<li>{html(line)}</li>" for line in overview(found, words)) + "</ul>",
        *_table(words, "turns", ("what", "direction", "old", "new"), [_turn(turn) for turn in found.turns]),
        *_table(words, "changes", ("what", "old", "new", "difference", "weight"),
                [(_place(each.place), *_numbers(each, words)) for each in found.changes]),
        *_table(words, "new_rows", ("what", "new"), [(_place(at), found.new.cell(at)) for at in found.new_rows]),
        *_table(words, "lost_rows", ("what", "old"), [(_place(at), found.old.cell(at)) for at in found.lost_rows]),
        *_table(words, "made_from", ("what", "old", "new"), [(_place(at), *told) for at, *told in found.made_from]),
    ]  # fmt: skip
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title>'
    body = "\n".join(parts)
    return (f'<!DOCTYPE html>\n<html lang="{words.language}">\n<head>{head}\n<style>{_STYLE}</style></head>\n'
            f"<body><main>\n{body}\n</main></body>\n</html>\n")  # fmt: skip


def _table(words: Catalogue, what: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """A heading and a table with its number of rows; nothing without rows."""
    if not rows:
        return []
    heads = "".join(f'<th scope="col">{html(_say(words, f"columns.{name}"))}</th>' for name in columns)
    body = [f'<tr><th scope="row">{html(first)}</th>' + "".join(f"<td>{html(text)}</td>" for text in more) + "</tr>"
            for first, *more in rows]  # fmt: skip
    name = html(_say(words, f"headings.{what}"))
    caption = f"<caption>{name}: {_count(len(rows), words)}</caption>"
    return [f"<h2>{name}</h2>", f'<div class="scroll" role="region" tabindex="0" aria-label="{name}"><table>', caption,
            f"<thead><tr>{heads}</tr></thead><tbody>", *body, "</tbody></table></div>"]  # fmt: skip


def _turn(turn: Turn) -> tuple[str, str, str, str]:
    return _place(turn.place), f"{turn.old_direction or MISSING} → {turn.new_direction or MISSING}", turn.old, turn.new


def _numbers(change: Change, words: Catalogue) -> tuple[str, str, str, str]:
    gap = MISSING if change.difference is None else f"{change.difference:+.4g}".replace("-", "−")
    weight = MISSING if math.isinf(change.weight) else fixed(change.weight, 2, words.language)
    return change.old, change.new, gap, weight


def _was_and_is(change: Change, words: Catalogue) -> str:
    old, new, gap, weight = _numbers(change, words)
    return f"{old} → {new} ({gap}; {weight})"


def _place(place: Key) -> str:
    return plain(" · ".join(part for part in place if part))


def _shortened(value: str) -> str:
    """A value of a manifest; of a checksum or revision its beginning."""
    return (value[:8] + "…" if len(value) in (40, 64) and value.isalnum() else value) or MISSING


def _count(n: int, words: Catalogue) -> str:
    return fixed(n, 0, words.language)


def _say(words: Catalogue, key: str, **values: str) -> str:
    return words.text(f"book.compare.{key}", **values)
