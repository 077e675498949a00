"""The synthetic trial: whole people in every printed group, believable histories, and the same bytes every time."""

import io

import numpy as np
import pandas as pd
import pytest

from analysis.calibration import deal, fitted_logit, integer_table, logit_statistics, table_cells, write_table
from analysis.chapters.employment import adjusted_models_table, covariate_products_table
from analysis.frames.outcomes import work_outcomes
from analysis.frames.registers import STATUSES, status_panel
from analysis.frames.resources import counted_measures
from analysis.frames.trial import open_trial
from analysis.study.finding import BUNDLED
from analysis.synthesis.sfj.contacts import centres, contacts
from analysis.synthesis.sfj.groups import counts_behind_means, printed_statuses
from analysis.synthesis.sfj.logit_models import BASE, published_models
from analysis.synthesis.sfj.paths import SICK, after_inclusion, before_inclusion, sick_months_running
from analysis.synthesis.sfj.register_counts import monthly_counts
from analysis.synthesis.sfj.registers import register_tables
from analysis.synthesis.sfj.screening import screening_stage
from analysis.synthesis.sfj.settings import SEED, child_generator, read_assumptions
from analysis.synthesis.sfj.targets import read_targets

BACKGROUND = {
    "country_of_birth": "country_of_birth",
    "marital": "marital_status",
    "education": "education",
    "self_rated_health": "self_rated_health",
}
# Percentages of table 7 that no whole number of people gives, so that they cannot come out: the print's own slips.
IMPOSSIBLE = {
    ("sick_listed_full", "month12_sfj"),
    ("unemployment_benefit_individual_allowance", "inclusion_sfj"),
    ("unemployment_benefit_individual_allowance", "month12_control"),
    ("unemployment_benefit_individual_allowance", "month12_sfj"),
    ("nav_follow_up_without_benefits", "month12_control"),
}


@pytest.fixture(scope="module")
def targets():
    return read_targets()


@pytest.fixture(scope="module")
def trial():
    return open_trial()


@pytest.fixture(scope="module")
def counts(targets):
    return monthly_counts(targets)


# Targets


def test_a_printed_number_is_looked_up_by_its_address(targets):
    assert targets.count("table_01", "oslo", "sfj") == 129
    assert targets.half_unit("table_08", "month_12_in_work_no_benefits", "sfj", "proportion") == 0.00005


def test_an_unknown_address_is_an_error(targets):
    with pytest.raises(KeyError, match="no_such_row"):
        targets.value("table_01", "no_such_row", "sfj", "n")


# Whole people


def test_whole_numbers_meet_their_margins_and_stay_close_to_what_is_expected():
    cells = table_cells({"arm": ["a", "b"], "answer": ["x", "y"]})
    margins = [({"arm": "a"}, 7), ({"arm": "b"}, 5), ({"answer": "x"}, 6)]
    found = integer_table(cells, np.array([3.6, 3.4, 2.4, 2.6]), margins)
    assert found.tolist() == [4, 3, 2, 3]


def test_contradicting_margins_are_an_error():
    cells = table_cells({"arm": ["a", "b"]})
    with pytest.raises(ValueError, match="margins"):
        integer_table(cells, np.ones(2), [({"arm": "a"}, 3), ({}, 2), ({"arm": "b"}, 1)])


def test_dealing_refuses_counts_that_do_not_fit_the_group():
    cells = table_cells({"arm": ["a"], "answer": ["x", "y"]})
    people = pd.DataFrame({"arm": ["a", "a"]})
    with pytest.raises(ValueError, match="answer"):
        deal(people.assign(other="z"), ["arm", "other"], cells.assign(other="z"), np.array([1, 2]), "answer",
             np.random.default_rng(1))  # fmt: skip


def test_means_of_zeros_and_ones_give_people_and_respondents(targets):
    """Table A.1 prints 0.056, 0.257 and 0.660 for the three levels of education of those in work."""
    rows = ["education_primary", "education_upper_secondary", "education_higher"]
    found, respondents = counts_behind_means(targets, rows, "in_work")
    assert (list(found.values()), respondents) == ([21, 96, 247], 374)


def test_a_column_of_percentages_becomes_people_who_sum_to_its_size(targets):
    found = printed_statuses(targets, "month12", "sfj")
    assert sum(found.values()) == 628
    assert (found["job_no_benefits"], found["sick_listed_full"]) == (242, 69)


def test_table_08_has_one_set_of_whole_numbers(counts, targets):
    """Denominators shrink; only month 18, where a share was cut off instead of rounded, leaves two numbers unmet."""
    wide = counts.pivot(index="month", columns="arm", values="observed")
    assert (wide.diff().dropna() <= 0).all().all()
    assert wide.loc[18].to_dict() == {"control": 425, "sfj": 498}
    assert counts.groupby("month")["misses"].first().to_dict() == {m: 2 * (m == 18) for m in range(12, 19)}


# The bundled trial against the print, through the ordinary analysis


def test_group_sizes(trial, targets):
    groups = trial.people["status_group"].astype(str).value_counts()
    printed = {"in_work": "in_work", "sick_listed_full": "sick_listed_100", "aap": "aap", "other": "other"}
    assert groups.to_dict() == {group: targets.count("table_A1", "number", column) for group, column in printed.items()}


def test_table_01(trial, targets):
    places = {code: place for place, code in read_assumptions()["centre_codes"].items()}
    found = trial.people.assign(centre=trial.people["centre"].map(places)).groupby(["centre", "arm"]).size()
    assert all(count == targets.count("table_01", centre, arm) for (centre, arm), count in found.items())


@pytest.mark.parametrize("prefix", BACKGROUND)
def test_table_02_counts(trial, targets, prefix):
    people = trial.in_extract("table_02").people
    found = people.groupby([BACKGROUND[prefix], "arm"], observed=True).size()
    found = found.drop("other", level=0, errors="ignore")
    assert {key: int(n) for key, n in found.items()} == {
        (answer, arm): targets.count("table_02", f"{prefix}_{answer}", arm) for answer, arm in found.index
    }


def test_table_02_sex_and_reading_difficulties(trial, targets):
    people = trial.in_extract("table_02").people
    for arm, members in people.groupby("arm"):
        assert (members["sex"] == "woman").sum() == targets.count("table_02", "sex_woman", arm)
        difficulties = members["reading_writing_difficulties"].fillna(False).sum()
        assert difficulties == targets.count("table_02", "reading_writing_difficulties", arm)


def test_table_02_age_rows_from_the_extract_with_one_person_in_the_other_arm(trial, targets):
    people = trial.in_extract("table_02_age").people
    found = people.groupby(["arm", "age_group"], observed=True).size()
    columns = {"control": "total", "sfj": "control"}  # the print shifts the age rows by a column
    assert all(n == targets.count("table_02", f"age_{group}", columns[arm]) for (arm, group), n in found.items())


@pytest.mark.parametrize(("month", "when"), [(0, "inclusion"), (12, "month12")])
def test_table_07(trial, targets, month, when):
    extract = trial.in_extract("table_07")
    panel = extract.panel.merge(extract.people[["participant_id", "arm"]], on="participant_id")
    now = panel.loc[panel["month"] == month]
    for arm, members in now.groupby("arm"):
        column = f"{when}_{arm}"
        assert len(members) == targets.count("table_07", "number", column)
        printed = targets.where("table_07", column=column, statistic="pct").set_index("row")["value"]
        shares = 100 * members["status"].value_counts(normalize=True).reindex(printed.index)
        missed = {row for row in printed.index if abs(shares[row] - printed[row]) > 0.00501}
        assert missed == {row for row, where in IMPOSSIBLE if where == column}


def test_table_08_counts_in_every_month(trial, counts):
    extract = trial.in_extract("table_08")
    rows = extract.outcomes.merge(extract.people[["participant_id", "arm"]], on="participant_id")
    found = rows.groupby(["month", "arm"]).agg(
        observed=("participant_id", "size"),
        in_work_no_benefits=("in_work_no_benefits", "sum"),
        fully_or_partly_in_work=("fully_or_partly_in_work", "sum"),
    )
    expected = counts.set_index(["month", "arm"])[found.columns]
    pd.testing.assert_frame_equal(found.loc[expected.index].astype("int64"), expected.astype("int64"))


def test_table_19_counts_and_recipients(trial, targets):
    counted = counted_measures(trial.tables, trial.study)
    for arm, started in counted.groupby("arm"):
        assert started["participant_id"].nunique() == targets.count("table_19", "recipients_of_measures", arm)
        kinds = started["measure"].astype(str).value_counts()
        assert all(n == targets.count("table_19", kind, arm) for kind, n in kinds.items())
        mean = started["cost_nok"].sum() / (trial.people["arm"] == arm).sum()
        assert round(mean) == targets.value("text_5.2", "mean_cost_other_nav_measures", arm, "nok")


def test_the_three_printed_extracts_lack_the_same_three_people(trial):
    sizes = {name: len(trial.in_extract(name).people) for name in ("table_08", "table_09", "table_A2")}
    assert set(sizes.values()) == {1190}


def test_screening_log_has_the_numbers_of_the_flow_chart(trial, targets):
    log = trial.tables["screening"]
    outcomes = log["outcome"].value_counts()
    assert len(log) == targets.count("text_3", "referred_to_project", "total")
    assert outcomes["not_eligible"] == targets.count("text_3", "excluded_not_meeting_criteria", "total")
    assert outcomes["no_consent"] == targets.count("text_3", "excluded_no_consent", "total")
    withdrew = log.loc[log["outcome"] == "withdrew", "arm"].value_counts()
    assert all(n == targets.count("text_3", "withdrew", arm) for arm, n in withdrew.items())
    assert log["referral_source"].notna().sum() == targets.count("text_3", "referral_source_known", "total")


def test_people_on_aap_at_inclusion_differ_as_printed_under_figure_7(trial, targets):
    rows = trial.in_extract("table_08").outcomes.query("month == 12")
    rows = rows.merge(trial.people[["participant_id", "arm", "status_group"]], on="participant_id")
    shares = 100 * rows[rows["status_group"] == "aap"].groupby("arm")["fully_or_partly_in_work"].mean()
    row = "fully_or_partly_in_work_12m_aap_fig7"
    assert {arm: round(share) for arm, share in shares.items()} == {
        arm: targets.value("text_4.1", row, arm, "pct") for arm in ("control", "sfj")
    }


def test_fully_sick_listed_people_of_the_three_best_centres(trial, targets):
    assumed = read_assumptions()
    centres = [assumed["centre_codes"][centre] for centre in assumed["best_centres"]]
    rows = trial.in_extract("table_08").outcomes.query("month == 12").merge(trial.people, on="participant_id")
    rows = rows[rows["centre"].isin(centres) & (rows["status_group"] == "sick_listed_full")]
    row = "three_best_centres_sick_listed_100"
    for arm, members in rows.groupby("arm"):
        assert len(members) == targets.count("text_4.1", row, arm)
        printed = targets.value("text_4.1", f"{row}_fig9_in_work_12m", arm, "pct")
        assert round(100 * members["fully_or_partly_in_work"].mean()) == printed


# Believable people


def test_sickness_benefit_never_runs_beyond_a_year(trial):
    spells = trial.tables["benefit_spells"].query("benefit == 'sickness_benefit'").sort_values("from_date")
    spells = spells.assign(to_date=spells["to_date"].fillna(pd.Timestamp(trial.study.dates.register_end)))
    previous = spells.groupby("participant_id")["to_date"].shift()
    period = (spells["from_date"] - previous != pd.Timedelta(days=1)).groupby(spells["participant_id"]).cumsum()
    periods = spells.groupby(["participant_id", period.rename("period")])
    days = (periods["to_date"].max() - periods["from_date"].min()).dt.days + 1
    assert days.max() <= 364


def test_nobody_draws_sickness_benefit_and_aap_on_the_same_day(trial):
    spells = trial.tables["benefit_spells"].copy()
    spells["to_date"] = spells["to_date"].fillna(pd.Timestamp.max.floor("D"))
    sick, aap = (spells[spells["benefit"] == benefit] for benefit in ("sickness_benefit", "aap"))
    pairs = sick.merge(aap, on="participant_id")
    assert not ((pairs["from_date_x"] <= pairs["to_date_y"]) & (pairs["from_date_y"] <= pairs["to_date_x"])).any()


def test_contacts_and_inclusions_fall_on_working_days(trial):
    assert (trial.tables["contacts"]["contact_on"].dt.day_of_week < 5).all()
    assert (trial.tables["participants"]["included_on"].dt.day_of_week < 5).all()


def test_nobody_works_before_sixteen_or_draws_disability_pension_before_eighteen(trial):
    born = trial.people[["participant_id", "birth_date"]]
    jobs = trial.tables["job_spells"].merge(born, on="participant_id")
    pensions = trial.tables["benefit_spells"].query("benefit == 'disability_pension'").merge(born, on="participant_id")
    assert ((jobs["from_date"] - jobs["birth_date"]).dt.days >= 16 * 365.25).all()
    assert ((pensions["from_date"] - pensions["birth_date"]).dt.days >= 18 * 365.25).all()


def test_ages_and_incomes_do_not_heap(trial):
    """No more than one person in a hundred shares a day of age or an income above nothing."""
    people = trial.people
    days = (people["included_on"] - people["birth_date"]).dt.days
    incomes = people["income_year_before_inclusion_1000nok"]
    assert days.between(18 * 365.25, 61 * 365.25).all()
    assert days.value_counts().max() <= 12
    assert incomes[incomes > 0].round(0).value_counts().max() <= 25


def test_nearly_half_work_a_year_before_inclusion_and_a_sixth_at_inclusion(trial):
    shares = trial.outcomes.groupby("month")["in_work_no_benefits"].mean()
    assert 0.42 < shares[-12] < 0.50
    assert 0.16 < shares[0] < 0.17
    assert shares.loc[-12:0].diff().max() < 0.02


def test_the_treatment_arm_leads_in_every_month_after_inclusion(trial):
    rows = trial.outcomes.merge(trial.people[["participant_id", "arm"]], on="participant_id")
    shares = rows.pivot_table(index="month", columns="arm", values="in_work_no_benefits")
    assert (shares["sfj"] >= shares["control"]).loc[1:18].all()


# Histories and spells


@pytest.mark.parametrize("start", ["job_no_benefits", "sick_listed_full", "sick_listed_graded", "aap"])
@pytest.mark.parametrize("end", ["job_no_benefits", "sick_listed_full", "sick_listed_graded", "aap", "aap_and_job"])
def test_a_path_keeps_its_ends_and_the_sickness_limit(start, end):
    rng = np.random.default_rng(7)
    for _ in range(60):
        history = before_inclusion(start, end, rng.random(), rng)
        path = [*history, start, *after_inclusion(history, start, end, 1.0, rng.random(), rng)]
        assert (len(path), path[12], path[-1]) == (25, start, end)
        longest = max((sick_months_running(path[: n + 1]) for n in range(25) if path[n] in SICK), default=0)
        assert longest <= 13


def test_spells_give_the_drawn_statuses_back(trial):
    """Statuses drawn at random, cut into spells, read again by the ordinary analysis."""
    rng = np.random.default_rng(11)
    people = pd.DataFrame(
        {
            "participant_id": [f"P{n:04d}" for n in range(1, 61)],
            "included_on": pd.Timestamp("2011-03-01") + pd.to_timedelta(rng.integers(0, 28, 60), unit="D"),
            "sex": "woman",
            "birth_date": pd.Timestamp("1970-05-17"),
        }
    )
    starts = ("job_no_benefits", "sick_listed_full", "aap", "unemployment_benefit_individual_allowance")
    rows = []
    for start in rng.choice(starts, 60):
        end = str(rng.choice(["job_no_benefits", "aap", "aap_and_job", "no_job_no_benefit", "sick_listed_full"]))
        history = before_inclusion(start, end, rng.random(), rng)
        rows.append([*history, start, *after_inclusion(history, start, end, 1.0, rng.random(), rng)])
    months = pd.DataFrame(rows, columns=range(-12, 13), dtype=object)
    tables = register_tables(people, months, rng) | {"participants": people}
    panel = status_panel(tables, trial.study)
    found = panel.query("month <= 12").pivot(index="participant_id", columns="month", values="status").astype(object)
    assert (found.to_numpy() == months.to_numpy()).all()
    assert set(np.unique(months.to_numpy().astype(str))) <= set(STATUSES)


# Regressions


def test_fast_statistics_are_those_of_the_ordinary_analysis(trial, targets):

    cells = adjusted_models_table(trial).cells.set_index(["column", "row", "statistic"])["value"]
    model = published_models(targets)[0]
    extract = trial.in_extract("table_09")
    people = extract.people.merge(
        work_outcomes(extract.panel, extract.study).query("month == 12"), on="participant_id", how="inner"
    ).dropna(subset=["education_primary"])
    terms = {
        "woman": people["sex"] == "woman",
        "age": people["age_exact"],
        "in_work_at_inclusion": people["status_group"] == "in_work",
        "aap_at_inclusion": people["status_group"] == "aap",
        "other_status_at_inclusion": people["status_group"] == "other",
        "sfj_vs_control": people["arm"] == "sfj",
    }
    base = np.column_stack([(terms[name] if name in terms else people[name]).astype(float) for name in BASE])
    found = logit_statistics(fitted_logit(model, base, people["in_work_no_benefits"].to_numpy(dtype=float)))
    expected = [cells[(model.column, term, "marginal_effect")] for term in model.terms]
    np.testing.assert_allclose(found[: len(model.terms)], expected, rtol=1e-6)


def test_published_logits_are_close(trial, targets):
    """Every effect and R² within 0.001 of the print, every z within 0.15, and 120 of the 295 numbers as printed."""

    tables = {"table_09": adjusted_models_table, "table_A2": covariate_products_table}
    cells = pd.concat([table(trial).cells.assign(source=source) for source, table in tables.items()])
    printed = pd.concat([targets.where(source) for source in ("table_09", "table_A2")])
    merged = cells.merge(printed, on=["source", "row", "column", "statistic"], suffixes=("", "_printed"))
    assert len(merged) == len(printed)
    miss = (merged["value"].abs() - merged["value_printed"].abs()).abs()
    effects, z, r2 = (miss[merged["statistic"] == name] for name in ("marginal_effect", "z", "r2"))
    assert (len(effects), len(z), len(r2)) == (143, 143, 9)
    assert effects.max() <= 0.001
    assert z.max() <= 0.15
    assert r2.max() <= 0.001
    rounded = miss <= 0.5 * 10.0 ** -merged["decimals"] * (1 + 1e-9)
    assert rounded[merged["statistic"].isin(["marginal_effect", "z", "r2"])].sum() >= 120
    assert (miss[merged["statistic"] == "n"] == 0).all()


# The same bytes every time: stages that can be made anew from the committed people


def _people(trial):
    people = trial.people
    columns = ["participant_id", "arm", "centre", "included_on", "sex"]
    return people[columns].assign(status_group=people["status_group"].astype(str)).reset_index(drop=True)


def _bytes(name, frame):
    buffer = io.StringIO()
    write_table(name, frame, buffer)
    return buffer.getvalue()


@pytest.mark.parametrize("name", ["screening", "contacts", "centres"])
def test_regenerated_tables_have_the_committed_bytes(trial, targets, name):
    people, assumed, rng = _people(trial), read_assumptions(), child_generator(SEED, name)
    codes = assumed["centre_codes"]
    people = people.assign(centre=people["centre"].astype(str).map({code: place for place, code in codes.items()}))
    if name == "screening":
        frame = screening_stage(people, rng, targets)["screening"]
    elif name == "contacts":
        frame = contacts(people, assumed, targets, rng)
    else:
        frame = centres(assumed, targets)
    if "centre" in frame:
        frame = frame.assign(centre=frame["centre"].map(codes))
    frame = frame.sort_values("centre") if name == "centres" else frame
    assert _bytes(name, frame) == (BUNDLED / f"{name}.csv").read_text(encoding="utf-8")
