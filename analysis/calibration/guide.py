"""The page for authors of another report: what a calibration needs, what it can measure, and an example, computed."""

from pathlib import Path

from . import declared as known
from .declaration import FILE, cells_of
from .declared import Made, make_people

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

The people have the numbers that are printed and declared. Whatever is not printed is an accident of the search: another
seed gives another value. So nothing may be concluded about real people from it, and a result that the report does not
print is no result. A printed number of a kind that is not listed below is told as not measured, and so is one that the
declaration leaves out.

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

Intervals are those of 95 per cent: t for means and their differences (equal variances) and for coefficients of least
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
    return _INTRODUCTION.format(declaration=text, **kinds) + "\n".join(_outcome(make_people(EXAMPLE))) + "\n"


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
