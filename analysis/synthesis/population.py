"""An invented register of any number of people, streamed to Parquet: `python -m analysis simulate-register`.

Nothing in it is fitted to anything: it has the columns, the sizes and the untidiness of register extracts (open spells,
missing degrees, spells that overlap, people who leave), so that what a trial's code does to a nation can be measured.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from analysis.frames.registers import FORM_DAYS
from analysis.study.finding import find_study
from analysis.study.reading import read_settings
from analysis.study.settings import Study

PART = 100_000  # people written at a time, which bounds the memory
# Benefit → spells a person has on average, and days that one lasts on average.
BENEFITS = {
    "sickness_benefit": (1.6, 110),
    "aap": (0.6, 500),
    "disability_pension": (0.15, 2000),
    "unemployment_benefit": (0.35, 150),
    "individual_allowance": (0.1, 120),
    "nav_follow_up": (0.7, 250),
}
JOBS, JOB_DAYS, FORMS = 2.0, 900, 5.5
DEGREES, HOURS = (20, 40, 50, 60, 80, 100), (0, 7.5, 15, 18.75, 20, 30, 37.5)


def write_register(folder: Path, people: int, study: Study, seed: int = 20101) -> None:
    """Write participants, benefit_spells, job_spells and aap_hours, each a folder of one file for so many people.

    One row of participants is one person; about eleven spells and forms a person. People are drawn part by part, each
    from a stream of its own, so that the first hundred thousand are the same in a register of any larger size.
    """
    streams = np.random.SeedSequence(seed).spawn(-(-people // PART))
    for place, stream in enumerate(streams):
        size = min(PART, people - place * PART)
        for name, table in _part(np.random.default_rng(stream), place * PART, size, study):
            (folder / name).mkdir(parents=True, exist_ok=True)
            pq.write_table(table, folder / name / f"part-{place:05}.parquet", compression="zstd")


def _part(rng: np.random.Generator, first: int, size: int, study: Study) -> Iterator[tuple[str, pa.Table]]:
    numbers = pc.utf8_lpad(pa.array(np.arange(first, first + size)).cast("string"), 9, "0")
    ids = pc.binary_join_element_wise("R", numbers, "")
    dates = study.dates
    included = _days(rng, dates.inclusion_start, dates.inclusion_end, size)
    treated = rng.random(size) < 0.5
    leaves = rng.random(size) < 0.01
    until = pa.array(included + rng.integers(30, 500, size), pa.int32(), mask=~leaves)
    yield "participants", pa.table({
        "participant_id": ids,
        "centre": _coded(rng.integers(0, len(study.centre_codes), size), study.centre_codes),
        "arm": _coded(treated.astype(int), (study.control, study.treatment)),
        "included_on": _dates(included),
        "observed_until": until.cast(pa.date32()),
        "birth_date": _dates(included - rng.integers(18 * 365, 62 * 365, size)),
        "sex": _coded((rng.random(size) < 0.65).astype(int), ("man", "woman")),
    })  # fmt: skip
    window = tuple(map(_day, (dates.register_start, dates.register_end)))
    yield "benefit_spells", _benefits(rng, ids, window)
    yield "job_spells", _jobs(rng, ids, included, treated, window)
    yield "aap_hours", _forms(rng, ids, window)


def _benefits(rng: np.random.Generator, ids: pa.Array, window: tuple[int, int]) -> pa.Table:
    parts = []
    for benefit, (spells, days) in BENEFITS.items():
        who = np.repeat(np.arange(len(ids)), rng.poisson(spells, len(ids)))
        start = rng.integers(window[0] - days // 2, window[1], len(who))
        has_degree = benefit in ("sickness_benefit", "disability_pension")
        degree = pa.array(rng.choice(DEGREES, len(who), p=(0.08, 0.08, 0.16, 0.08, 0.05, 0.55)), pa.float64(),
                          mask=(rng.random(len(who)) < 0.02) | (not has_degree))  # fmt: skip
        parts.append((who, np.full(len(who), benefit), degree, start, _ends(rng, start, days, window)))
    who = np.concatenate([part[0] for part in parts])
    order = np.argsort(who, kind="stable")
    together = [pa.concat_arrays([pa.array(part[place]) for part in parts]) for place in range(1, 5)]
    columns = [column.take(pa.array(order)) for column in together]
    names = ("benefit", "degree", "from_date", "to_date")
    own = dict(zip(names, columns, strict=True))
    dates = {name: own[name].cast(pa.int32()).cast(pa.date32()) for name in names[2:]}
    return pa.table({"participant_id": ids.take(pa.array(who[order])), **own, **dates})


def _jobs(
    rng: np.random.Generator, ids: pa.Array, included: np.ndarray, treated: np.ndarray, window: tuple[int, int]
) -> pa.Table:
    """Jobs at any time, and one that most people take some time after inclusion, sooner with treatment."""
    who = np.repeat(np.arange(len(ids)), rng.poisson(JOBS - 0.6, len(ids)))
    start = rng.integers(window[0] - JOB_DAYS, window[1], len(who))
    takers = np.flatnonzero(rng.random(len(ids)) < 0.6)
    later = included[takers] + rng.geometric(np.where(treated[takers], 1 / 330, 1 / 420))
    who, start = np.concatenate([who, takers]), np.concatenate([start, later])
    order = np.argsort(who, kind="stable")
    who, start = who[order], start[order]
    return pa.table({
        "participant_id": ids.take(pa.array(who)),
        "agreed_hours": pa.array(rng.choice(HOURS, len(who)), pa.float64(), mask=rng.random(len(who)) < 0.03),
        "from_date": _dates(start),
        "to_date": _ends(rng, start, JOB_DAYS, window).cast(pa.int32()).cast(pa.date32()),
    })  # fmt: skip


def _forms(rng: np.random.Generator, ids: pa.Array, window: tuple[int, int]) -> pa.Table:
    """Runs of forms a fortnight apart, for a fifth of the people."""
    own = np.flatnonzero(rng.random(len(ids)) < 0.2)
    many = rng.poisson(FORMS / 0.2, len(own))
    who = np.repeat(own, many)
    place = np.arange(len(who)) - np.repeat(np.cumsum(many) - many, many)
    start = np.repeat(rng.integers(window[0], window[1] - 400, len(own)), many) + FORM_DAYS * place
    worked = np.where(rng.random(len(who)) < 0.6, 0.0, rng.integers(0, 60, len(who)).astype(float))
    return pa.table({"participant_id": ids.take(pa.array(who)), "period_start": _dates(start), "hours_worked": worked})


def _ends(rng: np.random.Generator, start: np.ndarray, days: int, window: tuple[int, int]) -> pa.Array:
    """Last days; missing where the spell still runs when the register ends."""
    end = start + rng.geometric(1 / days, len(start)) - 1
    return pa.array(end, mask=end > window[1])


def _day(day) -> int:
    return int(np.datetime64(day, "D").astype(int))


def _days(rng: np.random.Generator, first, last, size: int) -> np.ndarray:
    return rng.integers(_day(first), _day(last) + 1, size)


def _dates(days: np.ndarray) -> pa.Array:
    return pa.array(days.astype(np.int32)).cast(pa.date32())


def _coded(places: np.ndarray, codes) -> pa.Array:
    return pa.array(list(codes)).take(pa.array(places))


def main() -> None:
    """Write the register that the command line asks for."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--people", type=int, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--study")
    parser.add_argument("--seed", type=int, default=20101)
    options = parser.parse_args()
    write_register(options.out, options.people, read_settings(find_study(options.study)), options.seed)


if __name__ == "__main__":
    main()
