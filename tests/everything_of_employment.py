"""Everything that the chapter on employment can show or say about a trial, and how it reads."""

import re
from collections.abc import Iterator

from analysis.chapters import employment
from analysis.frames.needs import Absent
from analysis.frames.trial import Trial
from analysis.show import prose
from analysis.show.figures import Figure, alt_text, draw
from analysis.show.listing import Listing, written
from analysis.show.prose import Sentence
from analysis.show.study_words import missing_line, study_catalogue
from analysis.show.table_html import to_html
from analysis.show.tables import Table

# Functions that take the result of another one, or give a frame or a number.
PIECES = {
    "adjusted_models", "best_of_centres", "best_of_figures", "best_of_table", "best_of_verdicts", "centre_effects",
    "centre_figure", "centre_spread_table", "centre_table", "centre_verdicts", "comings_and_goings", "compare",
    "compare_at_first", "compare_at_main_times", "compare_best_centres", "compare_follow_up", "compare_late",
    "compare_over_time", "compare_within_statuses", "conclusion_on_centres", "covariate_models", "duration_effects",
    "duration_tests", "effects_apart", "estimator_frame", "first_curves", "first_tests", "follow_up_results",
    "interactions", "key_numbers", "late_outcomes", "later_curves", "later_months", "mean_time_results",
    "mean_time_table", "mean_times", "mean_wait_results", "mean_wait_table", "mean_waits", "model_table",
    "monthly_outcomes", "outcomes_at", "over_follow_up", "people_followed", "rate_results", "rates_table",
    "status_effects", "status_effects_at_both_times", "subgroup_family", "time_by_status_figure",
    "time_by_status_table", "times_by_status", "whole_follow_up", "work_share", "work_share_frame",
}  # fmt: skip
UNTRUE = re.compile(r"\bnan\b|–|−?\binf\b|[{}]|\b0 people\b|\bof 0 ", flags=re.IGNORECASE)


def everything(trial: Trial) -> list:
    """The results of all public functions, with those made from others; absent ones stand as they are."""
    found: list = []
    for name in sorted(set(employment.__all__) - PIECES):
        found += _listed(getattr(employment, name)(trial))
    shares = employment.compare(employment.late_outcomes(trial), trial, by=trial.study.unit)
    sums = employment.compare_follow_up(employment.people_followed(trial), trial)
    at_any_time = employment.over_follow_up(trial)
    found += _listed(employment.later_months(shares, trial)) + _listed(employment.follow_up_results(sums, trial))
    found += of_time(trial)
    found += _listed(employment.subgroup_table(trial, outcome=at_any_time))
    found += _listed(employment.subgroup_test_table(trial, outcome=at_any_time))
    found += _listed(employment.subgroup_figure(trial, outcome=at_any_time))
    found += _listed(employment.subgroup_verdicts(trial, at_any_time))
    effects = employment.centre_effects(trial)
    for of_centres in ("centre_table", "centre_spread_table", "centre_figure", "centre_verdicts"):
        found += _listed(getattr(employment, of_centres)(effects, trial))
    best = employment.best_of_centres(trial, 1, draws=20)
    for of_best in ("best_of_table", "best_of_figures", "best_of_verdicts"):
        found += _listed(getattr(employment, of_best)(best, trial))
    found += _listed(employment.conclusion_on_centres(trial, best))
    return [*found, employment.work_share(employment.work_share_table(trial))]


def of_time(trial: Trial) -> list:
    """What is made from the estimate frames of times and rates."""
    times, waits, rates = (make(trial) for make in (employment.mean_times, employment.mean_waits,
                                                    employment.comings_and_goings))  # fmt: skip
    by_status = employment.times_by_status(trial)
    made = [employment.mean_time_table(times, trial), employment.mean_time_results(times, trial),
            employment.time_by_status_table(by_status, trial), employment.time_by_status_figure(by_status, trial),
            employment.mean_wait_table(waits, trial), employment.mean_wait_results(waits, trial),
            employment.rates_table(rates, trial), employment.rate_results(rates, trial)]  # fmt: skip
    return [one for result in made for one in _listed(result)]


def _listed(result: object) -> list:
    return list(result) if isinstance(result, list | Absent) else [result]


def spoken(trial: Trial, results: list, drawn: bool = False) -> Iterator[str]:
    """Each result as its reader gets it: sentences, lines for absent results, captions and notes, tables, alt texts."""
    words = study_catalogue(trial.study, "en", trial.folder)
    for result in results:
        if isinstance(result, Sentence):
            yield prose.write(result, "employment", words)
        elif isinstance(result, Absent):
            yield missing_line(result.need, words)
        elif isinstance(result, Table):
            assert to_html(result, "employment", words, "caption").startswith("<table")
            yield words.text(f"employment.tables.{result.key}.caption", **_texts(result, words))
        elif isinstance(result, Listing):
            written(result, "employment", words)
            yield words.text(f"employment.listings.{result.key}.caption", **_texts(result, words))
        elif isinstance(result, Figure):
            assert not drawn or draw(result, "employment", words).startswith(b"<?xml")
            yield alt_text(result, "employment", words, _texts(result, words))
        else:
            raise AssertionError(f"neither shown nor said: {result!r}")


def _texts(result: Table | Figure | Listing, words) -> dict[str, str]:
    return {name: prose.value_text(value, "employment", words) for name, value in result.values.items()}


def untrue(trial: Trial) -> list[str]:
    """Sentences that say a number that is not known, or speak of nobody."""
    results = [result for result in everything(trial) if isinstance(result, Sentence)]
    return [text for text in spoken(trial, results) if UNTRUE.search(text)]
