"""Whether what the published way concludes survives the ways of today."""

from analysis.chapters.health.measures import FOLLOWED, is_known, last_wave, needed, score_named, scores_in
from analysis.chapters.health.missing import BOUNDS, TODAY, largest_weight, ways_with_missing_answers
from analysis.chapters.health.several import correction_in_short
from analysis.frames.needs import Absent, needs, unmet
from analysis.frames.trial import Trial
from analysis.show.prose import Label, Sentence, decimal, direction_of, labels, month, tally

PLAIN = (*(way for way in TODAY if way not in BOUNDS), "lee")


def verdicts(trial: Trial, column: str, conf_level: float = 0.95) -> dict[str, str]:
    """Direction of one score's difference by way, the published one ("adjusted") first, then those of today (`PLAIN`).

    Lee's bounds have one interval and are one way. Ways that cannot be fitted are left out.
    """
    found = ways_with_missing_answers(trial, score_named(column), conf_level).set_index("way")
    rows = {way: found.loc[BOUNDS[0] if way == "lee" else way] for way in ("adjusted", *PLAIN)}
    return {way: direction_of(row) for way, row in rows.items() if is_known(row)}


@needs(*FOLLOWED)
def conclusion(trial: Trial, column: str, conf_level: float = 0.95) -> Sentence | Absent:
    """Whether the published conclusion on one score survives: in all, most, few or none of today's ways.

    Nothing is said where half of these ways or more cannot be fitted.
    """
    if lacking := unmet(trial, needed(column)):
        return Absent(lacking)
    told = verdicts(trial, column, conf_level)
    published = told.pop("adjusted", None)
    if published is None or 2 * len(told) <= len(PLAIN):
        return Absent("enough_answers")
    same = [way for way, direction in told.items() if direction == published]
    others = [way for way in told if way not in same]
    score = score_named(column)
    values = {"score": Label("rows", score.key), "same": tally(len(same)), "all": tally(len(told)),
              "meaning": Label("meanings", f"{published}_where_{score.better}_is_better")}  # fmt: skip
    values |= {"names": labels("ways_in_text", same)} if same else {}
    values |= {"others": labels("ways_in_text", others)} if others else {}
    kind = "stays_open" if published == "unclear" else "survives"
    return Sentence(f"{kind}_{_extent(len(same), len(told))}", values)


def _extent(same: int, ways: int) -> str:
    """In how many of the ways: all, most, few (half of them or fewer) or none."""
    if same in (0, ways):
        return "all" if same else "none"
    return "most" if 2 * same > ways else "few"


@needs(*FOLLOWED)
def conclusions(trial: Trial, conf_level: float = 0.95) -> list[Sentence | Absent]:
    """The paragraph: depression and anxiety one by one, then how many scores each way and a correction leave clear."""
    columns = [score.column for score in scores_in(trial) if score.column in ("hads_depression", "hads_anxiety")]
    return [*(conclusion(trial, column, conf_level) for column in columns), ways_today(trial, conf_level),
            correction_in_short(trial, conf_level)]  # fmt: skip


@needs(*FOLLOWED)
def ways_today(trial: Trial, conf_level: float = 0.95) -> Sentence | Absent:
    """In how many of the scores each of today's ways finds a clear difference."""
    found = [verdicts(trial, score.column, conf_level) for score in scores_in(trial)]
    if any(way not in own for own in found for way in PLAIN):
        return Absent("enough_answers")
    values = {way: tally(sum(own[way] != "unclear" for own in found)) for way in PLAIN}
    return Sentence("ways_today", values | {"all": tally(len(found))})


@needs(*FOLLOWED)
def weights_told(trial: Trial, conf_level: float = 0.95) -> Sentence | Absent:
    """For how many people the one with the largest weight stands."""
    largest = max((largest_weight(trial, score) for score in scores_in(trial)), default=float("nan"))
    if largest != largest:
        return Absent("enough_answers")
    return Sentence("largest_weight", {"largest": decimal(largest, 1), "month": month(last_wave(trial))})

