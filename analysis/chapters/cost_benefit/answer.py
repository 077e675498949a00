"""Did it pay? The answer of the study's data with its interval, beside that of its published report."""

from dataclasses import dataclass
from math import isnan, nan

from analysis.chapters.cost_benefit.evaluation import DRAWS, SEED, evaluate
from analysis.chapters.cost_benefit.resampling import net_value_interval
from analysis.chapters.cost_benefit.wording import duration, interval_words, sign
from analysis.frames.needs import Absent
from analysis.frames.trial import Trial
from analysis.published.corrected import TOTAL, CorrectedResult, corrected_result
from analysis.show.prose import Sentence, direction_of, million_nok, nok


@dataclass(frozen=True, eq=False)
class Answer:
    """Net present value in NOK per person of the main population, positive where the programme pays.

    computed, conf_low, conf_high, conf_level: from the study's data with the bootstrap interval, NaN where they cannot
    be known. duration: years that the effect lasts in it. lacking: the need that keeps them from it, None where they
    are known. published, published_total (all treated in a year): as printed and without the slips of the print, None
    for a study without such a report.
    """

    computed: float
    conf_low: float
    conf_high: float
    conf_level: float
    duration: float
    lacking: str | None
    published: CorrectedResult | None
    published_total: CorrectedResult | None

    @property
    def from_data(self) -> Sentence | Absent:
        """What the study's data say, the interval in the same sentence."""
        if self.lacking:
            return Absent(self.lacking)
        row = {"estimate": self.computed, "conf_low": self.conf_low, "conf_high": self.conf_high,
               "conf_level": self.conf_level}  # fmt: skip
        values = {**interval_words(row), "duration": duration(self.duration)}
        return Sentence("title", values, direction_of(row), finding=True, of="cost_benefit")

    @property
    def in_print(self) -> Sentence | Absent:
        """What the published report prints, and what that is without its slips."""
        if self.published is None:
            return Absent("published:relations")
        each, in_all = self.published, self.published_total
        values = {
            "npv": nok(each.printed),
            "total": million_nok(in_all.printed, 2),
            "corrected": nok(each.corrected),
            "with_doubt": nok(each.with_doubt),
        }
        key = "in_print" if each.slips.empty else "in_print_corrected" if isnan(each.with_doubt) else "in_print_range"
        return Sentence(key, values, sign(each.printed), finding=True, of="cost_benefit", from_print=True)


def did_it_pay(trial: Trial, draws: int = DRAWS, seed: int = SEED, conf_level: float = 0.95) -> Answer | Absent:
    """The answer of a study, in numbers and in sentences; Absent where neither its data nor a report give one."""
    found, printed, total = evaluate(trial), corrected_result(trial), corrected_result(trial, TOTAL)
    reports = None if isinstance(printed, Absent) else printed, None if isinstance(total, Absent) else total
    if isinstance(found, Absent):
        return found if None in reports else Answer(nan, nan, nan, conf_level, nan, found.need, *reports)
    row = net_value_interval(trial, None, draws, seed, conf_level).iloc[0]
    lacking = found.lacking or ("enough_answers" if isnan(row["conf_low"]) else None)
    numbers = (nan, nan, nan) if lacking else (row["estimate"], row["conf_low"], row["conf_high"])
    return Answer(*numbers, conf_level, found.scenario.duration, lacking, *reports)


def title(
    trial: Trial, draws: int = DRAWS, seed: int = SEED, conf_level: float = 0.95
) -> tuple[Sentence | Absent, ...]:
    """The chapter's question and its answers: that of the data, and that in print, which is first on synthetic data.

    Where the print alone has an answer, it is said that the data have none.
    """
    answer = did_it_pay(trial, draws, seed, conf_level)
    if isinstance(answer, Absent) or isinstance(answer.in_print, Absent):
        return (answer if isinstance(answer, Absent) else answer.from_data,)
    from_data = Sentence("not_known", of="cost_benefit") if answer.lacking else answer.from_data
    both = (from_data, answer.in_print)
    return both[::-1] if trial.study.data == "synthetic" else both
