"""Registers at scale: the tables of a register are those of the chapter, whatever engine, order of rows and groups."""

import os
import shutil
import signal
import subprocess
import threading
import time
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from analysis.__main__ import main
from analysis.chapters import employment
from analysis.chapters.employment.at_scale import counted_register, register_tables
from analysis.frames.people import completed_years
from analysis.frames.spells import engines
from analysis.frames.spells.cells import TABLES, added_up, cells_expression
from analysis.frames.spells.engines import NoEngine, NoRegister, run
from analysis.frames.spells.panel import KEYS, panel_expression
from analysis.frames.trial import Trial, open_trial
from analysis.study.reading import read_settings
from analysis.synthesis import population

STUDY = read_settings(Path(__file__).parents[1] / "data" / "sfj")


def in_order(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.sort_values(list(frame.columns[:2]), ignore_index=True)


def panel_of(folder: Path, study=STUDY, engine: str = "duckdb") -> pd.DataFrame:
    """Every row of the panel, from all groups."""
    return in_order(pd.concat(run(folder, partial(panel_expression, study=study), engine), ignore_index=True))


@pytest.fixture(scope="module")
def register(tmp_path_factory):
    """1,500 invented people in three files a table."""
    folder, part = tmp_path_factory.mktemp("register"), population.PART
    population.PART = 500
    population.write_register(folder, 1500, STUDY)
    population.PART = part
    return folder


@pytest.fixture(scope="module")
def trial() -> Trial:
    return open_trial()


@pytest.fixture(scope="module")
def own_files(trial, tmp_path_factory):
    """The bundled trial's tables as a register, its rows in no order."""
    folder = tmp_path_factory.mktemp("own")
    for name in TABLES:
        trial.tables[name].sample(frac=1, random_state=1).to_parquet(folder / f"{name}.parquet", index=False)
    return folder


# ---- small and large -------------------------------------------------------------------------------------------------


def test_the_tables_of_a_register_are_those_of_the_chapter(trial, own_files):
    """As the chapter has them of the same people, without what printed extracts saw otherwise."""
    study = replace(trial.study, as_printed=None)
    statuses, late = register_tables(counted_register(own_files, study), study)
    plain = Trial(study, trial.tables)
    for found, expected in ((statuses, employment.statuses_table(plain)), (late, employment.late_shares_table(plain))):
        pd.testing.assert_frame_equal(found.cells, expected.cells)
        assert (found.rows, found.columns, found.values) == (expected.rows, expected.columns, expected.values)


@pytest.mark.parametrize("unit", ["month", "week", "year"])
def test_every_outcome_of_every_person_and_unit_is_that_of_the_trial(trial, own_files, unit):
    """Counted one by one: cells by person and unit are the rows of `work_outcomes`."""
    horizon = {"month": trial.study.horizon, "week": replace(trial.study.horizon, before=20, after=40),
               "year": replace(trial.study.horizon, before=1, after=1)}[unit]  # fmt: skip
    outcomes = (*trial.study.outcomes, *(one for one in trial.study.alternative_outcomes if one.measure == "at_a_time"))
    rules = replace(trial.study.registers, unit=unit)
    study = replace(trial.study, horizon=horizon, registers=rules, outcomes=outcomes, alternative_outcomes=())
    by_person = added_up(run(own_files, partial(cells_expression, study=study, by=("participant_id",))))
    expected = in_order(Trial(study, trial.tables).outcomes.rename(columns={unit: "period"}))
    assert by_person["people"].eq(1).all() and len(expected) > 2000
    found = in_order(by_person)[expected.columns]
    pd.testing.assert_frame_equal(found, expected, check_dtype=False)


def test_cells_know_age_and_status_at_inclusion(trial, own_files):
    by = ("participant_id", "age", "status_at_inclusion")
    found = added_up(run(own_files, partial(cells_expression, study=trial.study, by=by, units=(0, 0))))
    people = trial.people.set_index("participant_id").loc[found["participant_id"]]
    expected = completed_years(people["birth_date"], people["included_on"])
    assert found["age"].tolist() == expected.tolist()
    assert found["status_at_inclusion"].tolist() == people["status_at_inclusion"].astype(str).tolist()


# ---- groups, order, files --------------------------------------------------------------------------------------------


def test_people_taken_by_turns_give_the_same_panel(register, monkeypatch):
    whole = panel_of(register)
    monkeypatch.setattr(engines, "AT_A_TIME", 170)
    parts = run(register, partial(panel_expression, study=STUDY))
    assert len(parts) == 9
    pd.testing.assert_frame_equal(in_order(pd.concat(parts, ignore_index=True)), whole)
    assert not whole.duplicated(list(KEYS)).any() and whole["participant_id"].nunique() > 1490


def test_files_in_no_order_are_put_into_order_once(register, tmp_path, monkeypatch):
    for name in TABLES:
        rows = pd.read_parquet(register / name).sample(frac=1, random_state=2)
        rows.to_parquet(tmp_path / f"{name}.parquet", index=False, row_group_size=200)
    seen, is_in_order = [], engines._is_in_order
    monkeypatch.setattr(engines, "AT_A_TIME", 400)
    monkeypatch.setattr(engines, "_is_in_order", lambda *given: seen.append(is_in_order(*given)) or seen[-1])
    pd.testing.assert_frame_equal(panel_of(tmp_path), panel_of(register))
    assert seen == [False] * 4 + [True] * 4


def test_a_register_may_lack_tables_and_columns(register, tmp_path):
    shutil.copytree(register / "participants", tmp_path / "participants")
    jobs = pd.read_parquet(register / "job_spells").drop(columns="agreed_hours")
    jobs.to_parquet(tmp_path / "job_spells.parquet", index=False)
    assert set(panel_of(tmp_path)["status"]) == {"job_no_benefits", "no_job_no_benefit"}


def test_what_is_no_register_is_named_with_the_remedy(register, tmp_path):
    with pytest.raises(NoRegister, match=r"no participants\.parquet .* `simulate-register`"):
        run(tmp_path, partial(panel_expression, study=STUDY))
    shutil.copytree(register / "participants", tmp_path / "participants")
    pd.DataFrame({"participant_id": ["R1"], "fra_dato": ["2010-01-01"]}).to_parquet(tmp_path / "job_spells.parquet")
    with pytest.raises(NoRegister, match=r"job_spells.parquet: no column from_date\. .*dictionary"):
        run(tmp_path, partial(panel_expression, study=STUDY))


# ---- the invented register -------------------------------------------------------------------------------------------


def test_a_larger_register_begins_as_a_smaller_one(register, tmp_path, monkeypatch):
    monkeypatch.setattr(population, "PART", 500)
    population.write_register(tmp_path, 700, STUDY)
    for name in TABLES:
        small, large = (pq.read_table(folder / name / "part-00000.parquet") for folder in (tmp_path, register))
        assert small.equals(large) and small.num_rows > 400
    assert pq.read_table(tmp_path / "participants").num_rows == 700


def test_commands_invent_a_register_and_tell_its_tables(tmp_path, capsys):
    assert main(["simulate-register", "--people", "300", "--out", str(tmp_path / "invented")]) == 0
    assert main(["register", str(tmp_path / "invented")]) == 0
    told = capsys.readouterr().out
    assert "statuses" in told and "month_12_fully_or_partly_in_work" in told and "sfj_minus_control" in told
    assert main(["register", str(tmp_path)]) == 2
    assert "no participants.parquet" in capsys.readouterr().err


def test_nothing_is_told_of_a_protected_register(register, tmp_path, capsys):
    shutil.copytree(Path(__file__).parents[1] / "data" / "sfj", tmp_path / "study")
    settings = tmp_path / "study" / "study.yml"
    text = settings.read_text(encoding="utf-8").replace("disclosure: as_published", "disclosure: protected")
    settings.write_text(text, encoding="utf-8")
    assert main(["register", str(register), "--study", str(tmp_path / "study")]) == 2
    told = capsys.readouterr()
    assert told.out == "" and "nothing is told of this register" in told.err


# ---- Spark -----------------------------------------------------------------------------------------------------------


def spark_home() -> Path:
    """Where PySpark and its programs are, or a skip that says what is missing."""
    if not shutil.which("java"):
        pytest.skip("no Java here: Debian's openjdk-17-jre-headless")
    return Path(pytest.importorskip("pyspark", reason="PySpark is not installed: make venv SPARK=1").__file__).parent


@pytest.fixture
def cluster(tmp_path):
    """A standalone cluster of two workers: its address, and the workers as processes."""
    home, port = spark_home(), str(20_000 + os.getpid() % 20_000)
    environment = {**os.environ, "SPARK_HOME": str(home), "SPARK_LOCAL_IP": "127.0.0.1",
                   "SPARK_WORKER_DIR": str(tmp_path / "work"), "SPARK_LOCAL_DIRS": str(tmp_path / "local")}  # fmt: skip
    address, log = f"spark://127.0.0.1:{port}", (tmp_path / "cluster.log").open("w")

    def begun(role: str, *words: str) -> subprocess.Popen:
        command = [str(home / "bin" / "spark-class"), f"org.apache.spark.deploy.{role}", *words]
        return subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True)

    master = begun("master.Master", "--host", "127.0.0.1", "--port", port, "--webui-port", "0")
    workers = [begun("worker.Worker", "--cores", "1", "--memory", "1g", "--webui-port", "0", address) for _ in range(2)]
    wait_for(lambda: (tmp_path / "cluster.log").read_text().count("Registering worker") == 2, "two workers")
    yield address, workers
    for process in (master, *workers):
        stop(process)
    log.close()


def wait_for(reached, what: str, seconds: float = 300) -> None:
    last = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < last, f"waited in vain for {what}"
        time.sleep(0.2)


def stop(process: subprocess.Popen) -> None:
    """End a process with all that it started."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def test_spark_gives_the_same_rows_though_a_worker_is_lost_on_the_way(register, cluster):
    """The whole panel, person by person: one of two workers is killed once tasks of the query have run."""
    from pyspark import SparkContext

    address, workers = cluster
    expected, lost = panel_of(register), []

    def lose_a_worker() -> None:
        def is_under_way() -> bool:
            context = SparkContext._active_spark_context
            tracker = context.statusTracker() if getattr(context, "_jsc", None) else None  # not before it has begun
            stages = [tracker.getStageInfo(stage) for stage in tracker.getActiveStageIds()] if tracker else []
            return any(stage and stage.numTasks > 1 and stage.numActiveTasks for stage in stages)

        wait_for(is_under_way, "tasks at work")
        stop(workers[0])
        lost.append(workers[0].pid)

    watcher = threading.Thread(target=lose_a_worker, daemon=True)
    watcher.start()
    found = panel_of(register, engine=address)
    watcher.join()
    assert len(lost) == 1
    pd.testing.assert_frame_equal(found, expected, check_dtype=False)
    assert np.array_equal(found["weekly_hours"], expected["weekly_hours"], equal_nan=True)


def test_without_pyspark_the_engine_says_so(register, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "pyspark.sql", None)
    monkeypatch.setitem(__import__("sys").modules, "pyspark.errors", None)
    with pytest.raises(NoEngine, match="PySpark is not installed"):
        run(register, partial(panel_expression, study=STUDY), "local[1]")
