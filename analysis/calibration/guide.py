"""The page for authors of another report: what a calibration needs, what it can measure, and an example, computed."""

from pathlib import Path

import pandas as pd

from . import declared as known
from . import evidence
from .declaration import FILE, cells_of
from .declared import Made, make_people
from .held_out import learnt
from .left_open import CORRELATION, is_same

EXAMPLE = Path(__file__).resolve().parents[2] / "data" / "examples" / "coaching"
_INTRODUCTION = """# Calibrate a synthetic trial to your paper

A report prints numbers; its data may not leave the house. A **synthetic trial** has invented people whose numbers are
the printed ones. With it others can run the analysis, read the tables and try other methods before they see any data,
and whoever makes it learns which of the printed numbers cannot hold together.

```sh
python -m analysis synthesise --study DIR --out STUDY
python -m analysis check STUDY
python -m analysis report --study STUDY
```

`DIR` needs two files; `STUDY` becomes a study folder. Without `--out` it is `synthetic/` in `DIR`. The same numbers,
declaration and `--seed` give the same people.

## What it cannot do

The people have the numbers that are printed and declared. Whatever is not printed may be an accident of the search:
[other worlds](#what-the-print-leaves-open) that fit the print as well give another value. So nothing may be concluded
about real people from it, and a result that the report does not print is no result. A printed number of a kind that is
not listed below is told as not measured, and so is one that the declaration leaves out.

## The printed numbers

`cells.csv`, one row a number: `source`, `row`, `column` and `statistic`, which together are its address; `value` with a
decimal point; and how many `decimals` are printed. The number behind the print lies within half a unit of the last one,
and every value there counts as met. The audit of this project reads the same file.

| Of | Statistics |
|---|---|
| a yes, a code or a range, among a group | {of_event} |
| a number, in a group | {of_number} |
| a number, in two groups | {of_comparison} |
| a yes, a code or a range, in two groups | {of_shares}; `pct` is their difference in points |
| a number in two groups, adjusted for others | {of_regression} |
| a number of few values in two groups | {of_ranks} |

Intervals are those of 95%: t for means and their differences (equal variances) and for coefficients of least
squares, Wald's for a difference in shares. `n` is a number of people.

## The declaration

`targets.yml` says who took part and what each number measures.

| Key | What it says |
|---|---|
| `name`, `title` | of the study |
| `arms` | each arm's number of `people`, its `role` (treatment or control) and `label` |
| `columns` | what is known of a person, one column each; see below |
| `groups` | the print's columns: conditions that people meet, `{{}}` for everybody; or two groups to compare |
| `measures` | source → row → what the row measures; see below |
| `jobs` | made from yes or no `at` months after inclusion, or from a number of `months`; `part` of full time |
| `follow_up` | the last month of the registers, if there are jobs |
| `assumed` | address → number: what is not printed and shall hold nevertheless, such as a believable level |
| `dates` | first and last day of inclusion and of the registers |
| `seed` | where the random numbers begin |

A column has `values`, codes with their labels; or a number `from`, `to`, in steps of `step`; or none of these, for yes
or no. `given` names the yes or no without which somebody has no value. A row measures a column, or `of` a column, of
several multiplied, or of conditions; `where` some conditions are met, `per` another unit, `adjusted` for other columns.
A comparison is the first group less the second. A condition is a code, `true` or `false`, a number, or a range
`{{from: 8, to: 12}}`. The columns `sex` (woman, man) and
`age` go into the table of participants, columns that the data dictionary knows into theirs, with `written` and `wave`
into the questionnaires, and all others become columns of the study's own. If `DIR` has a `study.yml`, it is taken as
it is.

## An example

The report is invented, no such trial was made; two misprints are planted in it. Its declaration:

```yaml
{declaration}
```

"""


def render() -> str:
    """The page as Markdown, its example calibrated anew."""
    kinds = {name.lower(): _named(getattr(known, name)) for name in dir(known) if name.startswith("OF_")}
    text = (EXAMPLE / FILE).read_text(encoding="utf-8").rstrip()
    parts = _INTRODUCTION.format(declaration=text, **kinds), *_outcome(make_people(EXAMPLE)), _further()
    return parts[0] + "\n".join(parts[1:])


def _named(statistics: tuple[str, ...] | dict[str, float]) -> str:
    return ", ".join(f"`{name}`" for name in statistics)


def _outcome(made: Made) -> list[str]:
    """What came of the example: how many numbers are met, which are not, and why."""
    missed = made.reached[~made.reached["met"]]
    lines = [f"`{cells_of(EXAMPLE).name}` has {len(made.reached) + len(made.unmeasured)} numbers. Of the "
             f"{len(made.reached)} that the declaration measures, the invented people meet "
             f"{len(made.reached) - len(missed)}.", ""]  # fmt: skip
    if len(missed):
        lines += ["| Number | Printed | Of the invented people |", "|---|--:|--:|"]
        lines += [f"| `{row.address}` | {row.printed:g} | {row.reached:.4g} |" for row in missed.itertuples()]
        lines.append("")
    lines += ["What cannot hold together, whatever people there are:" if made.conflicts else "", ""]
    lines += [f"- {', '.join(f'`{address}`' for address in conflict)}" for conflict in made.conflicts]
    return [*lines, "", "Each list is as short as can be: without any one of its numbers, the others have people."]


_LEFT_OPEN = """
## What the print leaves open

```sh
python -m analysis synthesise --study DIR --ensemble 20
```

For each further world this looks for people from the start and walks on from those it finds, step by step and at
random; a step is taken only if every printed number holds after it. Where a walk ends is another **world** that fits
the report. What is the same in all worlds is all but printed; what is not may be anything that they show, and more:
walks at random seldom come to the extremes, so a range tells at least what is left open. `calibration/left_open.csv` in
`DIR` has one row a number that the tables could have printed, and for every correlation of two columns: its value
`here`, the `lowest` and the `highest` of all worlds. What is done is kept: a run that was stopped goes on where it was,
and more worlds come on top.

In {worlds} worlds of the example, {same} of {numbers} such numbers do not move. The correlations:

| Of | And | Here | Lowest | Highest | One sign in all |
|---|---|--:|--:|--:|---|
{correlations}

Nothing was found out about anyone: the report is invented. It shows how far a few printed numbers reach into what is
not printed.

## How much the print teaches

```sh
python -m analysis synthesise --study DIR --holdout 5
```

This leaves out a fifth of the printed numbers at a time, makes people for the others and compares what these people
give for the numbers left out. Beside them stand the same people after every column was dealt anew among all:
independent draws with the right totals. `calibration/held_out.csv` has one row a number. Distances are in units of the
last printed place. A number that others repeat, such as a share beside its count, is met by those.

| Statistic | Left out | Median distance | Dealt anew | Nearer | Farther |
|---|--:|--:|--:|--:|--:|
{learnt}
"""


def _further() -> str:
    """What is left open of the example and how much was learnt, as `synthesise` has stored it."""
    folder = EXAMPLE / evidence.FOLDER
    left_open = pd.read_csv(folder / evidence.LEFT_OPEN)
    own = left_open[left_open["source"] == CORRELATION]
    correlations = [f"| `{row.row}` | `{row.column}` | {row.here:z.2f} | {row.lowest:z.2f} | {row.highest:z.2f} | "
                    f"{'yes' if row.is_settled else 'no'} |" for row in own.itertuples()]  # fmt: skip
    learnt_rows = [f"| {name if name == 'all' else f'`{name}`'} | {each.numbers} | {each.calibrated:.2g} | "
                   f"{each.dealt:.2g} | {each.nearer} | {each.farther} |"
                   for name, each in learnt(pd.read_csv(folder / evidence.HELD_OUT)).items()]  # fmt: skip
    return _LEFT_OPEN.format(
        worlds=left_open["worlds"].max(), same=int(is_same(left_open).sum()), numbers=len(left_open),
        correlations="\n".join(correlations).replace(" -", " −"), learnt="\n".join(learnt_rows),
    )  # fmt: skip
