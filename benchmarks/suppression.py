"""How often an outsider finds a small group out, over random studies: `python -m benchmarks.suppression 1000`.

Each study has two to five tables of 25 to 400 people, linked by groups, populations and shares
(`tests/suppression_studies.py`). What stays untold is worked out from halves as in a build; the outsider knows the full
cross-classification instead, and reckons in whole people. A row of `suppression.csv` is a study: its seed, people,
tables, counts told, small groups among them and the complements, counts of five people and more, how many of these are
hidden, and groups found out. Seeds that have a row are not drawn again; remove the file after a change of the engine.
"""

import csv
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from analysis.show.disclosure.suppression import suppress
from tests.suppression_studies import counts_of, leaks, random_study, small_groups

MEASURED = Path(__file__).with_suffix(".csv")
FIELDS = ("seed", "people", "tables", "counts", "small_groups", "of_many", "of_many_hidden", "found_out")


def measured(seed: int) -> tuple[int, ...]:
    study = random_study(seed, tables=5)
    counts, row = counts_of(study)
    hidden = suppress(counts)
    many = counts.shown & (counts.values >= 5)
    return (seed, len(study.people["arm"]), len(study.tables), int(counts.shown.sum()), len(small_groups(study)),
            int(many.sum()), int(hidden[many].sum()), len(leaks(study, counts, row, hidden)))  # fmt: skip


def known() -> Iterator[dict[str, int]]:
    if MEASURED.exists():
        with MEASURED.open(encoding="utf-8", newline="") as file:
            yield from ({name: int(value) for name, value in row.items()} for row in csv.DictReader(file))


def main(number: int) -> None:
    waiting = sorted({*range(number)} - {row["seed"] for row in known()})
    is_new = not MEASURED.exists()
    with MEASURED.open("a", encoding="utf-8", newline="") as file, ProcessPoolExecutor() as processes:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerows([FIELDS] * is_new)
        for row in processes.map(measured, waiting):
            writer.writerow(row)
            file.flush()
    rows = [row for row in known() if row["seed"] < number]
    of_many, hidden = (sum(row[name] for row in rows) for name in ("of_many", "of_many_hidden"))
    print(f"{sum(row['found_out'] > 0 for row in rows)} of {len(rows)} studies leak "
          f"{[row['seed'] for row in rows if row['found_out']][:40]}; {sum(row['small_groups'] for row in rows)} small "
          f"groups; {hidden / of_many:.1%} of {of_many} counts of five and more hidden")  # fmt: skip


if __name__ == "__main__":
    main(int(sys.argv[1]))
