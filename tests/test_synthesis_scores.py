"""The fit of the questionnaire scores: every printed cell exact from any draw, believable shapes, honest failure."""

import numpy as np
import pandas as pd
import pytest

from analysis.chapters.participants.burdens import SHARED_MEASURES
from analysis.chapters.participants.shares import measure_means, measures_frame
from analysis.frames.instruments import score_hads, score_shc
from analysis.frames.trial import open_trial
from analysis.published.registry import printed_tables
from analysis.synthesis.sfj import reference_group
from analysis.synthesis.sfj.families import FAMILIES
from analysis.synthesis.sfj.health_states import LEVELS
from analysis.synthesis.sfj.response import draw_response
from analysis.synthesis.sfj.score_fitting import fit_family
from analysis.synthesis.sfj.score_goals import Goals, centre, panel_of
from analysis.synthesis.sfj.score_moves import keeping_sums
from analysis.synthesis.sfj.score_start import draw_gaps, draw_start, smooth_shares
from analysis.synthesis.sfj.score_sums import roles_of, settle_sums
from analysis.synthesis.sfj.targets import Targets, read_targets

TABLES = {"table_03", "table_10", "table_11", "table_14", "table_15", "table_16", "table_A1", "text_3.2"}
BLOCKS = [family.block for family in FAMILIES]
SEED = 7


@pytest.fixture(scope="module")
def targets():
    return read_targets()


@pytest.fixture(scope="module")
def trial():
    return open_trial()


@pytest.fixture(scope="module")
def people(trial):
    frame = trial.people.reset_index(drop=True)
    frame = frame.assign(self_rated_health=frame["self_rated_health"].astype(object).fillna("missing"))
    return frame.assign(status_group=frame["status_group"].astype(str))


@pytest.fixture(scope="module")
def drawn(people, targets):
    """Who answered, first scores and unanswered items, with another seed than the bundled trial."""
    answers, scores, gaps = np.random.default_rng(SEED).spawn(3)
    response = draw_response(people, answers, targets)
    return (
        response,
        draw_start(people, response.assign(arm=people["arm"]), scores, targets),
        draw_gaps(people, response, gaps),
    )


def begun(block, people, drawn, targets):
    """Goals, first answers and smallest steps of one family."""
    family, (response, start, gaps) = FAMILIES[BLOCKS.index(block)], drawn
    answers = np.hstack([start[member] for member in family.members])
    units = np.where(gaps, 7 / 6, 1.0) if block == "hads" else np.ones_like(answers)
    goals = Goals(family, panel_of(people, response, block), people["status_group"].to_numpy(), targets)
    return goals, np.rint(answers / units) * units, units


def sums_of(goals, values):
    return goals.sums_of(np.arange(len(values)), values).sum(axis=0)


def bundled_values(family, trial, people):
    """Scores of the bundled trial as the fit holds them: persons × answers; 0 where unknown."""
    table = trial.scores.merge(trial.tables["questionnaires"], on=["participant_id", "wave"], suffixes=("", "_answer"))
    columns = []
    for member in family.members:
        if member == "eq5d_index":
            levels = table[[name for name in table.columns if name.startswith("eq5d_") and name != "eq5d_index"]]
            known = levels.notna().all(axis=1)
            places = {tuple(state): place for place, state in enumerate(LEVELS)}
            states = [places[tuple(row)] if ok else np.nan for row, ok in zip(levels.to_numpy(), known, strict=True)]
            table = table.assign(eq5d_index=states)
        wide = table.pivot(index="participant_id", columns="wave", values=member).reindex(people["participant_id"])
        columns.append(wide[[0, 6, 12]].to_numpy(dtype=float))
    return np.hstack(columns)


def bundled_response(family, values, trial, people):
    """Who has which score in the bundled trial."""
    at_last = trial.scores[trial.scores["wave"] == 12].set_index("participant_id")
    scored = at_last[["hads_total", "shc_total", "eq5d_index", "health_ladder", "chalder_total"]].notna().any(axis=1)
    responder = people["participant_id"].map(scored).astype("boolean").fillna(False)
    known = ~np.isnan(values[:, :3])
    valid = {f"valid_{family.block}_{wave}": known[:, place] for place, wave in enumerate((0, 6, 12))}
    return people[["participant_id"]].assign(responder=responder.to_numpy(dtype=bool), **valid)


@pytest.fixture(scope="module")
def published_cells(trial):
    tables = [*printed_tables(trial, "health"), *printed_tables(trial, "participants")]
    frames = [table.cells.assign(source=table.name) for table in tables]
    return pd.concat(frames).set_index(["source", "row", "column", "statistic"])["value"]


@pytest.mark.parametrize("block", BLOCKS)
def test_the_fit_reckons_every_cell_as_the_ordinary_analysis_does(block, trial, people, targets, published_cells):
    family = FAMILIES[BLOCKS.index(block)]
    values = bundled_values(family, trial, people)
    response = bundled_response(family, values, trial, people)
    goals = Goals(family, panel_of(people, response, block), people["status_group"].to_numpy(), targets)
    assert len(goals.keys) > 20
    found = dict(zip(goals.keys, goals.cells(sums_of(goals, np.nan_to_num(values))[None])[0], strict=True))
    for key, value in found.items():
        own = (*key[:2], key[2], "p_lt") if key not in published_cells.index else key
        assert value == pytest.approx(published_cells[own], rel=1e-6, abs=2e-6), key


@pytest.mark.parametrize("block", BLOCKS)
def test_every_printed_cell_of_a_family_is_exact_from_a_fresh_draw(block, people, drawn, targets):
    goals, start, units = begun(block, people, drawn, targets)
    fit = fit_family(goals, start, units, np.random.default_rng(SEED))
    assert fit.misses.empty, fit.misses
    assert (np.abs(goals.misses(sums_of(goals, fit.values)[None])) <= 1).all()
    assert ((fit.values >= 0) & (fit.values <= goals.family.tops + 1e-9)).all()
    assert np.allclose(fit.values / units, np.rint(fit.values / units))


def test_settled_sums_are_whole_points_and_leave_every_cell_possible(people, drawn, targets):
    goals, start, units = begun("hads", people, drawn, targets)
    shares = goals.sums_of(np.arange(len(start)), start)
    near, worst = centre(goals, shares.sum(axis=0), goals.scale(shares))
    assert worst < 0.95
    values = settle_sums(goals, roles_of(goals, units), start, near, goals.scale(shares), np.random.default_rng(1))
    assert np.allclose(values / units, np.rint(values / units))
    fixed = goals.scale(shares)
    fixed[goals.whole] = 0.0
    assert centre(goals, sums_of(goals, values), fixed)[1] < 1


def test_sums_that_cannot_hold_together_are_said_not_to(people, drawn, targets):
    """A mean of Table 10 a point higher than its own difference allows: no sums, an error that names the family."""
    cells = targets.cells.copy()
    wrong = (cells["source"] == "table_10") & (cells["row"] == "fatigue") & (cells["column"] == "sfj")
    cells.loc[wrong & (cells["statistic"] == "mean"), "value"] += 1
    goals, start, units = begun("fatigue", people, drawn, Targets(cells))
    shares = goals.sums_of(np.arange(len(start)), start)
    near, worst = centre(goals, shares.sum(axis=0), goals.scale(shares))
    assert worst > 1
    with pytest.raises(ValueError, match="fatigue"):
        settle_sums(goals, roles_of(goals, units), start, near, goals.scale(shares), np.random.default_rng(1))


def test_a_fit_that_misses_a_cell_names_it(people, drawn, targets):
    """An interval of EQ-5D that cannot be: the fit ends, and reports the cell with what it reached."""
    cells = targets.cells.copy()
    wrong = (cells["source"] == "table_10") & (cells["row"] == "function_eq5d") & (cells["statistic"] == "se")
    cells.loc[wrong, "value"] = 0.5
    goals, start, units = begun("eq5d", people, drawn, Targets(cells))
    fit = fit_family(goals, start, units, np.random.default_rng(1), attempts=1, walks=1)
    assert set(fit.misses.loc[fit.misses["statistic"] == "se", "printed"]) == {0.5}


@pytest.mark.parametrize("block", ["hads", "health_ladder"])
def test_exchanges_leave_every_sum_of_scores_as_it_is(block, people, drawn, targets):
    goals, values, units = begun(block, people, drawn, targets)
    first, second, new_first, new_second = keeping_sums(goals, roles_of(goals, units))(
        np.random.default_rng(3), values, 300
    )
    rows, new = np.concatenate([first, second]), np.concatenate([new_first, new_second])
    change = goals.sums_of(rows, new) - goals.sums_of(rows, values[rows])
    assert (first != second).all()
    assert np.abs(change).max() > 0
    assert (change[:300] + change[300:])[:, goals.whole] == pytest.approx(0)


def test_shares_at_inclusion_have_one_mode_and_the_printed_share_of_cases():
    shares, support = smooth_shares(10.68, 3.96, 21, 0.703), np.arange(22)
    mean = shares @ support
    assert (shares.sum(), mean, shares[8:].sum()) == pytest.approx((1, 10.68, 0.703))
    assert np.sqrt(shares @ (support - mean) ** 2) == pytest.approx(3.96)
    turns = np.sign(np.diff(shares))[np.abs(np.diff(shares)) > 1e-9]
    assert (np.diff(turns) > 0).sum() == 0  # never rises again after it fell


def test_first_scores_are_spread_as_printed(people, drawn, targets):
    response, start, _ = drawn
    known = response["valid_hads_0"].to_numpy()
    for score in ("hads_anxiety", "hads_depression"):
        first = start[score][known, 0]
        histogram = np.bincount(first.astype(int), minlength=22) / len(first)
        smooth = np.convolve(histogram, [0.25, 0.5, 0.25], "same")
        assert np.abs(histogram - smooth).max() < 0.025, score
        assert np.corrcoef(start[score][known, 0], start[score][known, 2])[0, 1] > 0.3


@pytest.mark.parametrize("seed", range(6))
def test_ordinary_users_have_every_mean_and_interval_of_table_6(seed, targets):
    table = reference_group.stage(np.random.default_rng(seed), targets)["reference_group"]
    scored = pd.concat([table, score_hads(table, 1), score_shc(table, 0)], axis=1)
    means = measure_means(measures_frame((row, "ordinary_sfj", scored[name]) for row, name in SHARED_MEASURES.items()))
    for found in means.itertuples():
        for statistic, value in (("mean", found.estimate), ("ci_low", found.conf_low), ("ci_high", found.conf_high)):
            key = ("table_06", found.outcome, "ordinary_sfj", statistic)
            assert abs(value - targets.value(*key)) <= targets.half_unit(*key), key
