"""The fit of people to the published logits: exchanges that leave every count, sums that foretell a refit."""

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit

from analysis.calibration import Contributions, coefficients_behind_effects, fitted_logit, logit_statistics
from analysis.synthesis.sfj.continuous_fit import _moments, shifted, with_exact_moments
from analysis.synthesis.sfj.logit_models import OUTCOMES, published_models
from analysis.synthesis.sfj.plausible import ALIKE, too_young, with_answers_by_age, with_grown_ups
from analysis.synthesis.sfj.regression_fit import Problem, Sums, Walk, programme, walk
from analysis.synthesis.sfj.regression_moves import KINDS, NOBODY, Proposer
from analysis.synthesis.sfj.regression_state import CARRIERS, NAMES, RegressionState, base_matrix
from analysis.synthesis.sfj.targets import read_targets

SIZE = 1200


@pytest.fixture(scope="module")
def models():
    return published_models(read_targets())


@pytest.fixture(scope="module")
def people(models):
    """Invented people with outcomes drawn by the printed effects of the models with all products."""
    rng = np.random.default_rng(7)
    status = rng.choice(["in_work", "sick_listed_full", "aap", "other"], SIZE, p=[0.3, 0.4, 0.2, 0.1])
    at_inclusion = {"in_work": "job_no_benefits", "sick_listed_full": "sick_listed_full", "aap": "aap",
                    "other": "no_job_no_benefit"}  # fmt: skip
    age = rng.uniform(19, 60, SIZE)
    brackets = ["age_under_30", "age_30_40", "age_40_50", "age_over_50"]
    people = pd.DataFrame({
        "arm": rng.choice(["control", "sfj"], SIZE),
        "status_group": status,
        "status_at_inclusion": [at_inclusion[name] for name in status],
        "sex": rng.choice(["woman", "man"], SIZE, p=[0.67, 0.33]),
        "age_days": age * 365.25,
        "age_group": [brackets[number] for number in np.digitize(age, [30, 40, 50])],
        "marital_status": rng.choice(["unmarried", "married_partner", "cohabiting"], SIZE),
        "education": rng.choice(["primary", "upper_secondary", "university_1_4_years", "other"], SIZE),
        "country_of_birth": rng.choice(["norway", "nordic", "outside_nordic"], SIZE, p=[0.88, 0.04, 0.08]),
        "self_rated_health": rng.choice(["very_good", "good", "fair", "poor"], SIZE),
        "expects_return_within_weeks": rng.choice(["fits_very_well", "fits_well", "neither"], SIZE, p=[0.1, 0.2, 0.7]),
        "income": rng.choice([30.0, 360.0], SIZE, p=[0.1, 0.9]) * rng.uniform(0.6, 1.5, SIZE),
        "included_on": pd.Timestamp("2011-01-03") + pd.to_timedelta(rng.integers(0, 300, SIZE), unit="D"),
        "in_models": rng.random(SIZE) < 0.98,
        "observed_18": rng.random(SIZE) < 0.8,
    })  # fmt: skip
    base = base_matrix(people)
    for name, number, share in zip(OUTCOMES, (1, 3, 4), (0.36, 0.41, 0.42), strict=True):
        slopes = coefficients_behind_effects(models[number], base, share)
        people[name] = rng.random(SIZE) < expit(models[number].design(base) @ slopes)
    people["partly_m12"] |= people["in_work_m12"]
    only_full = ~people["status_at_inclusion"].isin(["aap", "sick_listed_full"])
    people.loc[only_full, "partly_m12"] = people["in_work_m12"]
    return people


@pytest.fixture(scope="module")
def state(people):
    return RegressionState.of(people)


def _of_model(model, state):
    rows = state.used(model.outcome)
    return state.base()[rows], state.outcome(model.outcome)[rows]


def test_misses_foretell_what_fitting_finds(models, state):
    for model in models[:5]:
        base, y = _of_model(model, state)
        contributions = Contributions(model, base, y)
        found = logit_statistics(fitted_logit(model, base, y)) - np.concatenate([model.effects, model.z, [model.r2]])
        terms = len(model.terms)
        assert np.corrcoef(contributions.misses[:terms], found[:terms])[0, 1] > 0.98
        assert np.corrcoef(contributions.misses[terms:-1], found[terms:-1])[0, 1] > 0.9


def test_fitted_people_are_as_printed_when_no_miss_is_foretold(models, state):
    """With outcomes replaced by the chances behind the print, the scores vanish, and fitting gives the print."""
    model = models[1]
    base, y = _of_model(model, state)
    contributions = Contributions(model, base, y)
    chances = expit(model.design(base) @ contributions.beta)
    effects = logit_statistics(fitted_logit(model, base, chances))[: len(model.terms)]
    assert np.abs(effects - contributions.effects).max() < 1e-8
    assert np.abs(effects - model.effects).max() < 0.7 * 0.5e-4 + 1e-8


@pytest.mark.parametrize("carrier", ["health", "work_12", "age", "day"])
def test_exchanges_move_the_misses_as_foretold(models, state, carrier):
    problem, rng = Problem.of(models), np.random.default_rng(11)
    sums, moves = Sums(problem, state), Proposer(state).draw(state, 600, rng)
    number = int(np.flatnonzero(moves.carriers == NAMES.index(carrier))[0])
    foretold = sums.changes(moves, state.rows)[number]
    found = Sums(problem, moves.made(state, number)).misses - sums.misses
    assert np.abs(found).max() > 0
    assert np.corrcoef(found / problem.sizes, foretold / problem.sizes)[0, 1] > 0.95


def test_every_kind_of_exchange_is_proposed_and_leaves_every_count(state):
    rng, proposer = np.random.default_rng(5), Proposer(state)
    made, exchanged, round_trips = state, set(), 0
    for _ in range(300):
        moves = proposer.draw(made, 40, rng)
        number = int(rng.integers(len(moves)))
        people = moves.people[number][moves.people[number] != NOBODY]
        assert len(set(people)) == len(people)
        made = moves.made(made, number)
        exchanged.add(NAMES[moves.carriers[number]])
        round_trips += len(people) == 4
    assert exchanged == set(CARRIERS)
    assert round_trips > 0
    _assert_same_counts(state.people, made.people)
    assert {name for name, _ in KINDS} == set(CARRIERS)


def _assert_same_counts(before, after):
    def counts(people, keys):
        return people.groupby(keys, observed=True).size().to_dict()

    graded = [
        people.assign(
            married=people["marital_status"] == "married_partner",
            level=people["education"].replace({"university_over_4_years": "university_1_4_years"}),
            healthy=people["self_rated_health"].isin(["very_good", "good"]),
            hopeful=people["expects_return_within_weeks"].isin(["fits_very_well", "fits_well"]),
            poor=people["income"] < 78,
            month=people["included_on"].dt.to_period("M"),
        )
        for people in (before, after)
    ]
    by_arm = ("sex", "marital_status", "education", "country_of_birth", "self_rated_health", "age_group", "month",
              "partly_m18", "observed_18")  # fmt: skip
    by_status = ("sex", "married", "level", "healthy", "hopeful", "poor")
    for keys in [["arm", name] for name in by_arm] + [["status_group", name] for name in by_status]:
        assert counts(graded[0], keys) == counts(graded[1], keys), keys
    on_aap = [people.assign(on_aap=people["status_group"] == "aap") for people in graded]
    keys = ["arm", "on_aap", "in_work_m12", "partly_m12"]
    assert counts(on_aap[0], keys) == counts(on_aap[1], keys)
    part = after["partly_m12"] & ~after["in_work_m12"] & after["in_models"]
    assert after.loc[part, "status_at_inclusion"].isin(["aap", "sick_listed_full"]).all()
    assert sorted(before["income"]) == sorted(after["income"])


def test_people_outside_the_models_keep_what_they_have(state):
    rng, proposer = np.random.default_rng(2), Proposer(state)
    moves = proposer.draw(state, 2000, rng)
    involved = np.unique(moves.people[moves.people != NOBODY])
    assert state.first["in_models"].to_numpy()[involved].all()


def test_a_walk_and_a_programme_lower_the_misses(models, state):
    problem, proposer = Problem.of(models), Proposer(state)

    def cost(one):
        return float((problem.beyond(Sums(problem, one).misses) ** 2).sum())

    walked = walk(problem, state, proposer, Walk(150, 60, (1.0, 0.5)), np.random.default_rng(1))
    assert cost(walked) < 0.8 * cost(state)
    planned = programme(problem, state, proposer, 1200, 600, np.random.default_rng(1))
    assert cost(planned) < 0.8 * cost(state)


def test_the_same_seed_gives_the_same_people(models, state):
    problem, proposer = Problem.of(models), Proposer(state)
    ends = [walk(problem, state, proposer, Walk(30, 60, (1.0, 0.5)), np.random.default_rng(4)) for _ in range(2)]
    pd.testing.assert_frame_equal(ends[0].people, ends[1].people)


def test_shifts_lower_the_misses_and_keep_the_moments(models, state):
    targets, problem = read_targets(), Problem.of(models)
    settled = with_exact_moments(state, targets)
    assert np.abs(_moments(settled, targets)[1]).max() < 1e-9
    moved = shifted(problem, settled, targets, 0.3)
    assert problem.beyond(Sums(problem, moved).misses).sum() < problem.beyond(Sums(problem, settled).misses).sum()
    # In tenths of a typical shift: means stay, standard deviations to the first order.
    gaps = np.abs(_moments(moved, targets)[1])
    assert gaps[::2].max() < 1e-6
    assert gaps[1::2].max() < 1
    changed = np.abs(moved.people["age_days"] - settled.people["age_days"]) / 365.25
    assert 0 < changed.max() <= 0.6 + 1e-9


def test_nobody_is_too_young_for_marriage_or_university(state):
    assert too_young(state).any()
    grown = with_grown_ups(state)
    assert not too_young(grown).any()
    keys = ["arm", "status_group", "age_group"]
    before, after = (one.people.groupby(keys)["age_days"].apply(sorted).to_dict() for one in (state, grown))
    assert {key: np.round(ages, 6).tolist() for key, ages in before.items()} == {
        key: np.round(ages, 6).tolist() for key, ages in after.items()
    }


def test_answers_that_are_alike_go_by_age(people):
    rng = np.random.default_rng(9)
    mixed = people.assign(
        marital_status=rng.choice([*ALIKE["marital_status"], "married_partner", "missing"], SIZE),
        education=rng.choice([*ALIKE["education"], "primary"], SIZE, p=[0.5, 0.3, 0.2]),
    )
    dealt = with_answers_by_age(mixed, np.random.default_rng(1))
    years = dealt["age_days"] / 365.25
    for column, kinds in ALIKE.items():
        counts = [frame.groupby(["arm", column]).size().to_dict() for frame in (mixed, dealt)]
        assert counts[0] == counts[1]
        other = ~mixed[column].isin(kinds)
        assert (dealt.loc[other, column] == mixed.loc[other, column]).all()
    mean = years.groupby(dealt["marital_status"]).mean()
    assert mean["unmarried"] < mean["divorced_separated"] < mean["widowed"]
    assert years[dealt["education"] == "university_over_4_years"].min() >= 25
    again = with_answers_by_age(mixed, np.random.default_rng(1))
    pd.testing.assert_frame_equal(dealt, again)
