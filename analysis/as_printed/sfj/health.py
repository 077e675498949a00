"""Section 4.2 of the report: which tables of the health chapter are its Tables 10 to 16, and numbers of its text."""

from functools import partial

from analysis.chapters import health
from analysis.chapters.health.cells import one_estimate, people_behind
from analysis.chapters.health.measures import ANSWERED, arm_names
from analysis.frames.instruments import read_parameters
from analysis.frames.needs import needs
from analysis.frames.trial import Trial
from analysis.methods.missing_data import response
from analysis.published.registry import counts_as, published
from analysis.show.tables import Table, cells


@published("text_4.2", chapter="health")
@needs(*ANSWERED)
def text_4_2(trial: Trial) -> Table:
    """The numbers printed in the running text of section 4.2: questionnaires returned, range of the health ladder."""
    rows = []
    for wave in trial.study.follow_up_waves:
        share = one_estimate(response(trial.scores, trial.people, wave, **arm_names(trial)), contrast="total")
        n = people_behind(share)
        row = f"returned_questionnaire_{wave}m"
        rows += [(row, "total", "n", share["estimate"] * n, n), (row, "total", "pct", 100 * share["estimate"], n)]
    low, high = read_parameters("eq5d")["health_ladder_range"].value
    rows += [("health_ladder_scale", "min", "score", low), ("health_ladder_scale", "max", "score", high)]
    return Table("text_4.2", cells(rows), {"score": 0})


def single_item_tables(trial: Trial, item: str) -> tuple:
    """Means, rank sums, and the lowest and highest answer of a single question, as in Tables 12 and 13."""
    low, high = read_parameters("single_items")[item].value
    rows = [("response_scale", "note", "scale_min", low), ("response_scale", "note", "scale_max", high)]
    scale = Table(item, cells(rows), {"scale_min": 0, "scale_max": 0}, part="scale")
    return health.single_item_means(trial, item), health.single_item_rank_sums(trial, item), scale


counts_as(
    "sfj",
    "health",
    table_10=partial(health.scores_at_last_wave, sign_of_print=True),
    table_11=partial(health.adjusted_scores, sign_of_print=True),
    table_12=partial(single_item_tables, item="expectation_work"),
    table_13=partial(single_item_tables, item="expected_health_effect"),
    table_14=health.baseline_by_response,
    table_15=health.carried_forward,
    table_16=partial(health.adjusted_models, sign_of_print=True),
)
