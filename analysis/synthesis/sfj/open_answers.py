"""Codes of the answers to the two open questions on satisfaction, with the counts of table 23 and section 7.4."""

import numpy as np
import pandas as pd

from .answers_drawing import pick
from .targets import Targets

NAME = "open_answers"
SOURCE, TEXT = "table_23", "text_7.4"
QUESTIONS = ("most_satisfied", "least_satisfied")
CATEGORIES = (
    "aspects_of_the_measure",
    "nav",
    "psychologist",
    "tools",
    "general_practitioner",
    "other_therapists",
    "results",
    "lack_of_follow_up",
    "satisfied_with_all_or_most",
    "was_heard_seen_believed",
    "other",
)
TEXT_NAMES = {
    "psychologist": ("psychologist", "psychologist_adviser"),
    "satisfied_with_all_or_most": ("satisfied_with_everything",),
}
MOST_CODES = 3
SECOND_CODER_SHARE = 0.2
SAME_CODE = 0.87  # chance that the second coder gives a code of the first


def stage(
    people: pd.DataFrame, response: pd.DataFrame, rng: np.random.Generator, targets: Targets
) -> tuple[dict[str, pd.DataFrame], list[str]]:
    """Table `open_answers`, one row per answer and coder, and notes on printed counts that contradict each other.

    Coder 1 coded every answer, coder 2 a random part. Table 23 rules where the running text contradicts it.
    """
    people = people.merge(response, on="participant_id")
    parts, notes = [], []
    for question in QUESTIONS:
        for arm in ("sfj", "control"):
            sizes = {w: targets.count(TEXT, f"respondents_{question}", f"{arm}_{w}m") for w in (6, 12)}
            counts = _wave_counts(question, arm, sizes, targets, notes)
            for wave, size in sizes.items():
                group = people.loc[(people["arm"] == arm) & people[f"returned_{wave}"], "participant_id"]
                chosen = group[pick(rng, np.zeros(len(group)), size)].to_numpy()
                codes = _deal_codes(counts[wave], size, rng)
                parts.append(_answers(chosen, wave, question, codes, _short(codes, question, arm, wave, targets, rng)))
    first = pd.concat(parts, ignore_index=True).assign(coder=1)
    table = pd.concat([first, _second_coder(first, rng)], ignore_index=True)
    order = ["participant_id", "wave", "question", "coder"]
    table = table.sort_values(order).reset_index(drop=True)
    return {"open_answers": table[[*order, "category_1", "category_2", "category_3", "too_short_duration"]]}, notes


def _printed_at(question: str, category: str, arm: str, wave: int, targets: Targets) -> int | None:
    stem = question.split("_")[0]
    for name in TEXT_NAMES.get(category, (category,)):
        found = targets.where(TEXT, row=f"{stem}_{name}", column=f"{arm}_{wave}m", statistic="n")
        if len(found):
            return int(found["value"].iloc[0])
    return None


def _wave_counts(question: str, arm: str, sizes: dict[int, int], targets: Targets, notes: list[str]) -> dict[int, dict]:
    counts = {6: {}, 12: {}}
    for category in CATEGORIES:
        column = f"{question}_{arm}"
        total = targets.count(SOURCE, category, column)
        pct = targets.value(SOURCE, category, column, "pct")
        printed = {wave: _printed_at(question, category, arm, wave, targets) for wave in (6, 12)}
        least, most = printed[6] or 0, total - (printed[12] or 0)
        if printed[6] is not None and printed[12] is not None and sum(printed.values()) != total:
            notes.append(
                f"table_23 {category} {column}: {total} in the table, {printed[6]} + {printed[12]} in section 7.4"
            )
        if least > most or (printed[12] or 0) > total:
            notes.append(
                f"table_23 {category} {column}: {total} in the table, {printed} in section 7.4; the table rules"
            )
            printed, least, most = {6: None, 12: None}, 0, total
        if printed[6] is not None:
            first = min(printed[6], total)
        elif printed[12] is not None:
            first = total - printed[12]
        else:
            first = _split(total, pct, sizes)
        counts[6][category], counts[12][category] = first, total - first
    return counts


def _split(total: int, pct: float, sizes: dict[int, int]) -> int:
    """Codes at 6 months such that the mean of the two waves' per cents comes nearest to the printed per cent."""
    even = total * sizes[6] / (sizes[6] + sizes[12])
    options = np.arange(round(0.1 * total), round(0.9 * total) + 1)
    miss = np.abs(50 * (options / sizes[6] + (total - options) / sizes[12]) - pct)
    return int(options[np.lexsort((np.abs(options - even), np.maximum(miss, 0.05).round(4)))[0]])


def _deal_codes(counts: dict[str, int], size: int, rng: np.random.Generator) -> list[list[str]]:
    """Distinct codes for each answer: one, for some two or three; none for a few when there are too few codes."""
    room = np.ones(size, dtype=int)
    spare = sum(counts.values()) - size
    while spare > 0:
        place = rng.integers(size)
        if room[place] < MOST_CODES and (room[place] == 1 or rng.random() < 0.3):
            room[place] += 1
            spare -= 1
    room[rng.choice(size, max(-spare, 0), replace=False)] = 0
    codes: list[list[str]] = [[] for _ in range(size)]
    for category in sorted(counts, key=counts.get, reverse=True):
        # Serving the answers with most room first always succeeds when any dealing does.
        for place in np.lexsort((rng.random(size), -room))[: counts[category]]:
            codes[place].append(category)
            room[place] -= 1
    return [list(rng.permutation(chosen)) for chosen in codes]


def _short(codes, question, arm, wave, targets, rng) -> np.ndarray:
    found = targets.where(TEXT, row="least_too_short_duration", column=f"{arm}_{wave}m", statistic="n")
    if question != "least_satisfied" or found.empty:
        return np.zeros(len(codes), dtype=bool)
    about = np.array(["aspects_of_the_measure" in chosen for chosen in codes])
    return pick(rng, np.where(about, 0.0, -np.inf), int(found["value"].iloc[0]))


def _answers(
    participants: np.ndarray, wave: int, question: str, codes: list[list[str]], short: np.ndarray
) -> pd.DataFrame:
    columns = {f"category_{i + 1}": [c[i] if len(c) > i else None for c in codes] for i in range(MOST_CODES)}
    return pd.DataFrame(
        {"participant_id": participants, "wave": wave, "question": question, **columns, "too_short_duration": short}
    )


def _second_coder(first: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    part = first.loc[np.sort(rng.choice(len(first), round(SECOND_CODER_SHARE * len(first)), replace=False))].copy()
    columns = ["category_1", "category_2", "category_3"]
    recoded = [_recode([c for c in row if isinstance(c, str)], rng) for row in part[columns].to_numpy()]
    for place, column in enumerate(columns):
        part[column] = [codes[place] if len(codes) > place else None for codes in recoded]
    about = np.array(["aspects_of_the_measure" in codes for codes in recoded])
    return part.assign(coder=2, too_short_duration=part["too_short_duration"].to_numpy() & about)


def _recode(codes: list[str], rng: np.random.Generator) -> list[str]:
    kept = []
    for code in codes:
        new = code if rng.random() < SAME_CODE else str(rng.choice(CATEGORIES))
        if new not in kept:
            kept.append(new)
    return kept
