"""Codes of the answers to the two open questions on satisfaction, with the counts of table 23 and section 7.4.

Two columns of table 23 have slipped. The answers follow the order that the text supports (`published/moved.yml`); the
one category whose numbers fell out of the print gets as few answers as leave none without a category.
"""

import numpy as np
import pandas as pd

from analysis.published.moved import FILE, printed_row, read_moved

from .answers_drawing import pick
from .targets import PUBLISHED, Targets

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
SHORT = "too_short_duration"  # a part of the aspects of the measure, with no row of its own in the table
MOVED = PUBLISHED.with_name(FILE)
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

    Coder 1 coded every answer, coder 2 a random part. Table 23, its rows in the order of the text, rules where the
    running text contradicts it.
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
                short = counts[wave].pop(SHORT, 0)
                codes = _deal_codes(counts[wave], size, rng)
                parts.append(_answers(chosen, wave, question, codes, _short(codes, short, rng)))
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
    """Number of answers with each category by wave."""
    counts, lost = {6: {}, 12: {}}, []
    for category in (*CATEGORIES, SHORT):
        row = printed_row(read_moved(MOVED), SOURCE, f"{question}_{arm}", category)
        if row is None:
            lost.append(category)
        elif targets.where(SOURCE, row=row, column=f"{question}_{arm}").size:
            counts[6][category], counts[12][category] = _of_row(question, arm, category, row, sizes, targets, notes)
    for wave, size in sizes.items():
        coded = sum(number for category, number in counts[wave].items() if category != SHORT)
        counts[wave] |= dict.fromkeys(lost, max(0, size - coded))
    return counts


def _of_row(question, arm, category, row, sizes, targets, notes) -> tuple[int, int]:
    """Answers with a category at both waves: the printed total of its row, split as the text and its per cent say."""
    column = f"{question}_{arm}"
    total = targets.count(SOURCE, row, column)
    printed = {wave: _printed_at(question, category, arm, wave, targets) for wave in (6, 12)}
    if None not in printed.values() and sum(printed.values()) != total:
        notes.append(f"table_23 {category} {column}: {total} in the table, {printed[6]} + {printed[12]} in section 7.4")
    if printed[6] is not None:
        first = min(printed[6], total)
    elif printed[12] is not None:
        first = total - printed[12]
    else:
        first = _split(total, targets.value(SOURCE, row, column, "pct"), sizes)
    return first, total - first


def _split(total: int, pct: float, sizes: dict[int, int]) -> int:
    """Codes at 6 months such that the mean of the two waves' per cents comes nearest to the printed per cent."""
    even = total * sizes[6] / (sizes[6] + sizes[12])
    options = np.arange(round(0.1 * total), round(0.9 * total) + 1)
    miss = np.abs(50 * (options / sizes[6] + (total - options) / sizes[12]) - pct)
    return int(options[np.lexsort((np.abs(options - even), np.maximum(miss, 0.05).round(4)))[0]])


def _deal_codes(counts: dict[str, int], size: int, rng: np.random.Generator) -> list[list[str]]:
    """Distinct codes for each answer: one, for some two or three."""
    room = np.ones(size, dtype=int)
    spare = sum(counts.values()) - size
    while spare > 0:
        place = rng.integers(size)
        if room[place] < MOST_CODES and (room[place] == 1 or rng.random() < 0.3):
            room[place] += 1
            spare -= 1
    codes: list[list[str]] = [[] for _ in range(size)]
    for category in sorted(counts, key=counts.get, reverse=True):
        # Serving the answers with most room first always succeeds when any dealing does.
        for place in np.lexsort((rng.random(size), -room))[: counts[category]]:
            codes[place].append(category)
            room[place] -= 1
    return [list(rng.permutation(chosen)) for chosen in codes]


def _short(codes: list[list[str]], number: int, rng: np.random.Generator) -> np.ndarray:
    """Which answers say that it was too short, among those about the aspects of the measure."""
    if not number:
        return np.zeros(len(codes), dtype=bool)
    return pick(rng, np.where(["aspects_of_the_measure" in chosen for chosen in codes], 0.0, -np.inf), number)


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
