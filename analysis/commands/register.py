"""Registers of any size: `register` computes the main tables of one, `simulate-register` invents one."""

import argparse
import subprocess
import sys

from analysis.book.arguments import count, out, path
from analysis.commands import WRONG_INPUT


def add(commands: "argparse._SubParsersAction") -> None:
    """Add `register` and `simulate-register`."""
    register = commands.add_parser("register", help="compute statuses and outcomes of a register of any size")
    register.add_argument("folder", type=path, metavar="DIR", help="folder with a Parquet file, or a folder of them, "
                          "for participants, benefit_spells, job_spells and aap_hours")  # fmt: skip
    register.add_argument("--study", type=path, metavar="DIR", help="whose rules apply (default: the bundled trial)")
    register.add_argument("--engine", default="duckdb", metavar="ENGINE",
                          help="duckdb, or where Spark is: spark://host:port, local[2] (default: duckdb)")  # fmt: skip
    register.add_argument("--memory", default="2GB", metavar="SIZE", help="what DuckDB may hold (default: 2GB)")
    register.set_defaults(run=_register)
    simulated = commands.add_parser("simulate-register", help="write an invented register of any number of people")
    simulated.add_argument("--people", type=count, required=True, metavar="N")
    simulated.add_argument("--out", type=out, default="_register", metavar="DIR", help="folder (default: _register)")
    simulated.add_argument("--study", metavar="DIR", help="whose arms, centres and dates it has")
    simulated.add_argument("--seed", type=count, default=20101, metavar="N", help="of what is drawn (default: 20101)")
    simulated.set_defaults(run=_simulate)


def _register(options: argparse.Namespace) -> int:
    from analysis.chapters.employment import at_scale
    from analysis.frames.spells.engines import NoEngine, NoRegister
    from analysis.study.finding import find_study
    from analysis.study.problems import StudyProblems
    from analysis.study.reading import read_settings

    try:
        study = read_settings(find_study(options.study))
        if not (study.has_registers and study.monthly_outcomes and study.disclosure == "as_published"):
            print(_REFUSED.format(study=study.name), file=sys.stderr)
            return WRONG_INPUT
        where = (options.folder, study, options.engine, options.memory)
        counted, at_primary = at_scale.counted_register(*where), None
        if study.has_arms:
            at_primary = at_scale.counted_at_primary(*where)
    except (StudyProblems, NoRegister, NoEngine) as error:
        print(error, file=sys.stderr)
        return WRONG_INPUT
    for table in at_scale.register_tables(counted, study):
        wide = table.cells.pivot_table(index="row", columns=["column", "statistic"], values="value", sort=False)
        print(f"{table.name}\n{_lines(wide)}\n")
    if at_primary is not None:
        found = at_scale.register_estimates(at_primary, study).set_index("population")
        print(f"{study.primary_outcome}, {study.unit} {study.primary_at}\n{_lines(found[list(_TOLD)])}")
    return 0


_TOLD = ("method", "estimate", "std_error", "conf_low", "conf_high", "p_value", "n_treated", "n_control")


def _lines(frame) -> str:
    return frame.to_string(float_format="{:.5g}".format, na_rep="")


# A protected study's numbers leave through its report, where what must stay untold is worked out over all of them.
_REFUSED = (
    "{study}: nothing is told of this register. Its study.yml must give a horizon, dates and an outcome at a time, and "
    "`disclosure: as_published`: what a protected study tells goes through its report (`python -m analysis report`)."
)


def _simulate(options: argparse.Namespace) -> int:
    """In a process of its own, since what analyses knows nothing of how bundled data are made."""
    words = ["--people", options.people, "--out", options.out, "--seed", options.seed]
    words += ["--study", options.study] if options.study else []
    return subprocess.run([sys.executable, "-m", "analysis.synthesis.population", *map(str, words)]).returncode
