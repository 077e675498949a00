"""The page on checking another report: every check with its cells, options and an example, from the code itself."""

import inspect
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from analysis.published.audit import CHECKS
from analysis.published.audit.checks import Takes
from analysis.published.audit.coverage import REASONS
from analysis.published.audit.relations import BEARS_ON
from analysis.published.audit.trust import ITEMS
from analysis.study.yaml_files import read_yaml

EXAMPLES = Path(__file__).with_name("examples.yml")
_INTRODUCTION = """# Checks of a report

The [audit](../notebooks/audit.ipynb) of this book works on any report. It needs two files:

- **printed numbers**, a table (CSV, UTF-8) with one row a number: `source`, `row`, `column` and `statistic`, codes that
  together are its address, written `source/row/column/statistic`; its `value` with a decimal point; and how many
  `decimals` are printed. It may have an `id`, the `line` of the source text, the `unit` that is printed beside the
  number and a `note`. Sources that begin with `table_` count as tables, all others as running text. The statistics `n`,
  `df`, `year`, `month` and `months` are counts, which nobody rounds; whatever else is printed may have been rounded;
- **relations**, a list (YAML) of what should hold between the numbers, as below.

```sh
python -m analysis audit --cells numbers.csv --relations relations.yml
python -m analysis audit --cells numbers.csv --relations relations.yml --csv outcome.csv --strict
```

The exit code is 0; with `--strict` it is 1 when there are findings; 2 when a file cannot be used. Then every fault is
listed with its file, line, relation and key, and with what is allowed. `data/ips/published` is a small example to copy.

## A relation

| Key | What it says |
|---|---|
| `name` | a name of its own |
| `check` | one of the checks below |
| `about` | what should hold, a sentence; a name in braces stands for a value of `for` or `each` |
| `cells` | the numbers it is about: the names that the check gives them, and their addresses |
| `bears_on` | what a failure would affect: {bears_on} |
| `for` | values of the names in braces, lists that are combined; `"*"` is every one for which all cells are printed |
| `each` | values that go together, a list of sets; one relation for each |
| `assumes` | what else has to be true for it to hold, a sentence; a failure is then at most likely |
| `asks` | which question of INSPECT-SR it answers beside those of its check: {items} |

Whether a relation holds, of what kind a failure is and how sure it is, the program decides; none of it can be declared.
Declare a relation wherever it could apply, not only where it fails.

## What the checks can see

```sh
python -m analysis audit --cells numbers.csv --relations relations.yml --coverage
python -m analysis audit --cells numbers.csv --relations relations.yml --mutate 5000 --seed 1
```

`--coverage` tells for every printed number whether a check is about it, or why none can be: the file `unchecked.yml`
beside the relations lists addresses under {reasons}. A number with neither, or with both, is told; the exit code is
then 1.

`--mutate` plants errors one at a time (a digit, a sign, a count, an end of an interval, exchanged columns, shifted
rows, a wrong unit, three units of the last decimal) and tells how many are found, by kind of error, of check and place.
Errors are planted where all relations hold: `twin.yml` beside them says how numbers that contradict others would read
without the contradiction (address: number); a relation that fails even so is left out and named. `--csv` writes one row
a number or planted error.
"""


def render() -> str:
    """The page as Markdown."""
    examples = _examples()
    reasons = "; ".join(f"`{name}` ({meaning})" for name, meaning in REASONS.items())
    choices = {"{bears_on}": BEARS_ON, "{items}": ITEMS}
    introduction = _INTRODUCTION
    for place, names in choices.items():
        introduction = introduction.replace(place, ", ".join(f"`{name}`" for name in names))
    parts = [introduction.replace("{reasons}", reasons)]
    parts += ["\n".join(_check(name, function, examples[name])) for name, function in CHECKS.items()]
    return "\n".join(parts)


def _examples() -> Mapping[str, str]:
    """Check → the first example of it, as it stands in the file."""
    text = EXAMPLES.read_text(encoding="utf-8")
    written = ["- name:" + part.rstrip() for part in text.split("- name:")[1:]]
    found: dict[str, str] = {}
    for entry, example in zip(read_yaml(EXAMPLES), written, strict=True):
        found.setdefault(entry["check"], example)
    return found


def _check(name: str, function: Callable, example: str) -> Iterator[str]:
    takes: Takes = function.takes
    yield f"\n## {name}\n\n{inspect.getdoc(function)}\n"
    yield "| Cell | What it is |\n|---|---|"
    yield from (f"| `{cell}`{_list_of(cell, takes)} | {what} |" for cell, what in takes.cells.items())
    if takes.any_cells:
        yield f"| any name | {takes.any_cells} |"
    yield from (f"| `{cell}`{_list_of(cell, takes)} | {what} (optional) |" for cell, what in takes.optional.items())
    if takes.options:
        yield "\n| Option | Value | What it says |\n|---|---|---|"
        yield from (f"| `{option}`{' (needed)' if option in takes.required else ''} | {kind} | {what} |"
                    for option, (kind, what) in takes.options.items())  # fmt: skip
    yield f"\n```yaml\n{example}\n```"


def _list_of(cell: str, takes: Takes) -> str:
    if cell in takes.several:
        return ", a list"
    return ", or a list that is added" if cell in takes.added else ""
