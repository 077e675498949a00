"""Resource use of a handful of people, counted by hand, with the bundled study's prices replaced by round ones."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from analysis.frames.resources import (
    cases_per_year,
    counted_measures,
    economic_input,
    measure_use,
    participant_resources,
    programme_cost_per_case,
    service_use,
)
from analysis.study.economics import EconomicInput
from analysis.study.reading import read_settings

BUNDLED = read_settings(Path(__file__).parents[1] / "data" / "sfj")
AB = "supported_employment_arbeid_med_bistand"


def _input(value):
    return EconomicInput(value=value, unit="NOK", price_year=2011, source="round number for tests")


STUDY = replace(
    BUNDLED,
    economics={
        **BUNDLED.economics,
        "measure_monthly_rate": _input({AB: 1000, "job_club": 10, "education": 1}),
        "consultation_fee": _input(
            {"general_practitioner": 1, "psychologist": 10, "physiotherapist": 100, "chiropractor": 1000}
        ),
        "measure_window": _input({"from": 0, "to": 18}),
        "supported_employment_from_month": _input(11),
    },
    dates=replace(BUNDLED.dates, register_end=date(2013, 3, 31)),
)

PEOPLE = pd.DataFrame(
    {
        "participant_id": ["P1", "P2", "P3"],
        "arm": ["sfj", "control", "control"],
        "centre": ["oslo", "oslo", "troms"],
        "included_on": pd.to_datetime(["2010-06-30", "2011-01-01", "2012-02-15"]),
    }
)


def _measures(*rows):
    frame = pd.DataFrame(rows, columns=["participant_id", "measure", "from_date", "to_date"])
    return frame.assign(from_date=pd.to_datetime(frame["from_date"]), to_date=pd.to_datetime(frame["to_date"]))


def _tables(*rows):
    return {"participants": PEOPLE, "measures": _measures(*rows), "health_services": SERVICES}


SERVICES = pd.DataFrame(
    [
        ("P1", 6, service, used, number)
        for service, used, number in [
            ("general_practitioner", True, 4),
            ("psychologist", True, 2),
            ("district_psychiatric_centre", True, 3),
            ("physiotherapist", False, None),
            ("chiropractor", False, 0),
            ("other", True, 9),
        ]
    ]
    + [
        ("P2", 6, service, service == "general_practitioner", None)
        for service in [
            "general_practitioner",
            "psychologist",
            "district_psychiatric_centre",
            "physiotherapist",
            "chiropractor",
            "other",
        ]
    ],
    columns=["participant_id", "wave", "service", "used", "consultations"],
)


def test_programme_cost_per_case_of_the_report():
    """13,693,000 / 615 = 22,265 as printed; 66.8 × 53,200 / 615 = 5,778, where the report prints 5,578."""
    assert cases_per_year(BUNDLED) == 615
    cost = programme_cost_per_case(BUNDLED)
    assert round(cost["centre"]) == 22_265
    assert round(cost["job_consultant"]) == 5_778


def test_months_are_calendar_months_inside_the_window():
    counted = counted_measures(
        _tables(
            ("P2", "job_club", "2011-01-31", "2011-02-01"),  # months 0 and 1
            ("P2", "education", "2012-06-01", "2012-12-31"),  # starts in month 17, months 17 and 18 count
        ),
        STUDY,
    ).set_index("measure")
    assert counted["months"].to_dict() == {"job_club": 2, "education": 2}
    assert counted["start_month"].to_dict() == {"job_club": 0, "education": 17}
    assert counted["cost_nok"].to_dict() == {"job_club": 20, "education": 2}


def test_measures_outside_the_window_do_not_count():
    counted = counted_measures(
        _tables(
            ("P2", "job_club", "2010-12-31", "2011-05-01"),  # the month before inclusion
            ("P2", "education", "2012-08-01", "2012-09-30"),  # month 19
            ("P2", AB, "2012-07-31", "2012-07-31"),  # month 18, the last
        ),
        STUDY,
    )
    assert counted["measure"].tolist() == [AB]


def test_supported_employment_of_the_treatment_arm_counts_from_month_11():
    counted = counted_measures(
        _tables(
            ("P1", AB, "2011-04-30", "2011-06-30"),  # month 10
            ("P1", AB, "2011-05-01", "2011-05-02"),  # month 11
            ("P2", AB, "2011-02-01", "2011-02-02"),  # control arm: counts from the start
            ("P1", "job_club", "2010-07-01", "2010-07-02"),
        ),
        STUDY,
    )
    assert sorted(zip(counted["participant_id"], counted["start_month"], strict=True)) == [
        ("P1", 1),
        ("P1", 11),
        ("P2", 1),
    ]


def test_a_running_measure_ends_with_the_register():
    counted = counted_measures(_tables(("P3", "education", "2013-01-15", None)), STUDY)
    assert counted["months"].tolist() == [3]  # January to March 2013


def test_measure_use_has_everybody_and_counts_each_start():
    use = measure_use(
        _tables(
            ("P2", "job_club", "2011-02-01", "2011-02-20"),
            ("P2", "job_club", "2011-06-01", "2011-06-20"),
            ("P2", "education", "2011-06-01", "2011-07-20"),
        ),
        STUDY,
    ).set_index("participant_id")
    assert use["measures_started"].to_dict() == {"P1": 0, "P2": 3, "P3": 0}
    assert use.loc["P2", ["measures_job_club", "measure_months", "measure_cost_nok"]].tolist() == [2, 4, 22]
    assert use.loc["P1", "measure_cost_nok"] == 0


def test_without_any_measure_the_table_was_not_delivered():
    use = measure_use(_tables(), STUDY)
    assert use["participant_id"].tolist() == ["P1", "P2", "P3"]
    assert use[["measures_started", "measure_cost_nok"]].isna().all(axis=None)


def test_the_cost_of_a_measure_without_a_rate_is_missing_and_the_measure_still_counted():
    use = measure_use(_tables(("P2", "wage_subsidy", "2011-02-01", None)), STUDY).set_index("participant_id")
    assert use["measures_wage_subsidy"].to_dict() == {"P1": 0, "P2": 1, "P3": 0}
    assert pd.isna(use.loc["P2", "measure_cost_nok"])
    assert use.loc["P1", "measure_cost_nok"] == 0


def test_without_prices_nothing_costs_anything_known():
    """A study that prices nothing: what was used is counted, what it cost is missing or no column at all."""
    bare = replace(STUDY, economics={})
    tables = _tables(("P2", "job_club", "2011-02-01", "2011-02-20"))
    found = participant_resources(tables, bare).set_index("participant_id")
    assert found["measures_started"].to_dict() == {"P1": 0, "P2": 1, "P3": 0}
    assert pd.isna(found.loc["P2", "measure_cost_nok"])
    assert not [name for name in found if name.startswith("cost_")]
    assert programme_cost_per_case(bare) == {}


def test_a_programme_may_have_one_price_a_case():
    priced = replace(BUNDLED, economics={"programme_cost_per_case": _input(20_000), "cases_per_year": _input(50)})
    assert programme_cost_per_case(priced) == {"programme": 20_000}
    assert cases_per_year(priced) == 50


def test_a_service_without_a_fee_has_no_cost():
    use = service_use(SERVICES, 6, {"physiotherapist": 100})
    assert "cost_physiotherapist_m06_nok" in use and "cost_chiropractor_m06_nok" not in use
    assert "consultations_chiropractor_m06" in use


def test_consultations_add_psychologists_and_psychiatric_centres():
    use = service_use(SERVICES, 6, economic_input(STUDY, "consultation_fee")).set_index("participant_id")
    assert use.loc["P1", "consultations_psychologist_m06"] == 5
    assert use.loc["P1", "cost_psychologist_m06_nok"] == 50
    assert use.loc["P1", "cost_physiotherapist_m06_nok"] == 0  # not used, number left empty
    assert bool(use.loc["P1", "used_other_m06"])


def test_a_missing_number_of_consultations_stays_missing_when_the_service_was_used():
    use = service_use(SERVICES, 6, economic_input(STUDY, "consultation_fee")).set_index("participant_id")
    assert pd.isna(use.loc["P2", "consultations_general_practitioner_m06"])
    assert pd.isna(use.loc["P2", "cost_general_practitioner_m06_nok"])
    assert use.loc["P2", "consultations_psychologist_m06"] == 0


def test_where_no_user_tells_how_often_the_noughts_of_the_others_are_no_mean():
    """Of three people one saw a physiotherapist, nobody knows how often: not nought consultations on average."""
    rows = [("P1", 6, "physiotherapist", True, None), ("P2", 6, "physiotherapist", False, None),
            ("P3", 6, "physiotherapist", False, 0), ("P1", 6, "chiropractor", False, None),
            ("P2", 6, "chiropractor", True, 2), ("P3", 6, "chiropractor", True, None)]  # fmt: skip
    told = pd.DataFrame(rows, columns=SERVICES.columns).astype({"consultations": "Int64"})
    use = service_use(told, 6, {"physiotherapist": 100}).set_index("participant_id")
    assert use[["consultations_physiotherapist_m06", "cost_physiotherapist_m06_nok"]].isna().all(axis=None)
    assert use["used_physiotherapist_m06"].tolist() == [True, False, False]
    assert use["consultations_chiropractor_m06"].tolist()[:2] == [0, 2]


def test_one_row_per_participant_and_inputs_untouched():
    tables = _tables(("P2", "job_club", "2011-02-01", "2011-02-20"))
    before = {name: frame.copy() for name, frame in tables.items()}
    resources = participant_resources(tables, STUDY).set_index("participant_id")
    assert resources.index.tolist() == ["P1", "P2", "P3"]
    assert resources["programme_cost_nok"].round().to_dict() == {"P1": 28_044, "P2": 0, "P3": 0}
    assert resources["services_answered_m06"].to_dict() == {"P1": True, "P2": True, "P3": False}
    assert not resources["services_answered_m12"].any()
    assert pd.isna(resources.loc["P3", "cost_psychologist_m06_nok"])
    for name, frame in before.items():
        pd.testing.assert_frame_equal(tables[name], frame)


def test_a_missing_economic_input_is_named():
    with pytest.raises(KeyError, match=r"economics\.discount_rate"):
        economic_input(replace(BUNDLED, economics={}), "discount_rate")
