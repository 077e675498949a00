"""Coded open answers and interviews: how often each category was given, what each coder gave, Cohen's kappa of two.

An answer may carry up to three categories, so the shares of one question add up to more than 100%.
"""

import math
from collections.abc import Mapping, Sequence

import pandas as pd
from scipy import stats
from statsmodels.stats.inter_rater import cohens_kappa
from statsmodels.stats.proportion import proportion_confint

from analysis.methods.estimates import Estimate, estimate_frame
from analysis.methods.recording import recorded

CATEGORY_COLUMNS = ("category_1", "category_2", "category_3")
ANSWER_KEYS = ("participant_id", "wave", "question")


def coded_once(answers: pd.DataFrame, coder: int = 1) -> pd.DataFrame:
    """The answers as one coder coded them: one row per participant, wave and question."""
    return answers[answers["coder"] == coder].reset_index(drop=True)


def coder_decisions(answers: pd.DataFrame, categories: Sequence[str]) -> pd.DataFrame:
    """Whether each coder gave each category to each answer: answers and categories × coders, missing where not coded.

    `answers`: one row per answer and coder. What `agreement.agreement` takes.
    """
    keys = [*ANSWER_KEYS, "coder"]
    given = categories_long(answers)[[*keys, "category"]]
    return _decisions(answers[keys].drop_duplicates(), given, categories, [*ANSWER_KEYS, "category"])


def first_coding(themes: pd.DataFrame) -> pd.DataFrame:
    """The themes of interviews as the first coder has them: rows of coder 1, and those that name no coder."""
    return themes[themes["coder"].fillna(1) == 1].reset_index(drop=True)


def theme_decisions(themes: pd.DataFrame) -> pd.DataFrame:
    """Whether each coder found each theme in each interview, however it was spoken of: interviews and themes × coders.

    `themes`: one row per interview, theme, aspect and coder; no coder is coder 1. A coder is taken to have coded the
    interviews that carry a row of theirs, since an interview without any theme leaves none; other cells are missing.
    """
    rows = themes.assign(coder=themes["coder"].fillna(1).astype(int), category=themes["theme"].astype(str))
    given = rows[["interview_id", "coder", "category"]].drop_duplicates()
    coded = rows[["interview_id", "coder"]].drop_duplicates()
    return _decisions(coded, given, sorted(set(rows["category"])), ["interview_id", "category"])


def _decisions(
    coded: pd.DataFrame, given: pd.DataFrame, categories: Sequence[str], index: Sequence[str]
) -> pd.DataFrame:
    grid = coded.merge(pd.DataFrame({"category": list(categories)}), how="cross")
    grid = grid.merge(given.assign(given=True), how="left", on=list(given.columns))
    grid["given"] = grid["given"].notna().astype(float)
    return grid.pivot(index=list(index), columns="coder", values="given")


def categories_long(answers: pd.DataFrame) -> pd.DataFrame:
    """One row per answer and category given to it, with every other column of the answer.

    A category written twice on one answer counts once; answers without any category have no row here but stay in the
    denominators of `category_shares`.
    """
    others = [column for column in answers.columns if column not in CATEGORY_COLUMNS]
    long = answers.melt(id_vars=others, value_vars=list(CATEGORY_COLUMNS), value_name="category")
    keys = [*ANSWER_KEYS, "category", *(["coder"] if "coder" in others else [])]
    return long.drop(columns="variable").dropna(subset="category").drop_duplicates(keys).reset_index(drop=True)


@recorded
def category_shares(
    answers: pd.DataFrame, by: Sequence[str], categories: Sequence[str], conf_level: float = 0.95
) -> pd.DataFrame:
    """Share of the answers of each group that carry each category.

    `answers`: one row per answer (one coder), with the columns named in `by` (for example arm and question). One row
    of the result is one group and category: the group's columns, category, n (answers with the category), answers
    (all answers of the group), proportion and its Wilson interval conf_low, conf_high. Categories nobody gave are
    there with n = 0. Raises ValueError if an answer carries a category that is not in `categories`.
    """
    by = list(by)
    long = categories_long(answers)
    unknown = sorted(set(long["category"]) - set(categories))
    if unknown:
        raise ValueError(f"category {', '.join(unknown)} is not among the categories of the coding frame")
    groups = answers.groupby(by, observed=True).size().rename("answers").reset_index()
    grid = groups.merge(pd.DataFrame({"category": list(categories)}), how="cross")
    given = long.groupby([*by, "category"], observed=True).size().rename("n").reset_index()
    shares = grid.merge(given, how="left", on=[*by, "category"]).fillna({"n": 0}).astype({"n": "int64"})
    return with_wilson(shares, conf_level)


@recorded
def flag_shares(answers: pd.DataFrame, flag: str, by: Sequence[str], conf_level: float = 0.95) -> pd.DataFrame:
    """Share of the answers of each group with a true flag (for example too_short_duration); a missing flag is false."""
    flags = answers.assign(**{flag: answers[flag].fillna(False).astype(bool)})
    grouped = flags.groupby(list(by), observed=True)[flag].agg(n="sum", answers="size").reset_index()
    return with_wilson(grouped.astype({"n": "int64"}), conf_level)


@recorded
def answer_shares(
    answers: pd.DataFrame, by: Sequence[str], column: str, levels: Sequence[str], conf_level: float = 0.95
) -> pd.DataFrame:
    """Share of the answers of each group at each level of one column (exclusive levels, so they add up to one).

    Missing values of the column are left out of the denominator. Columns as in `category_shares`, with the level
    under the column's own name.
    """
    by = list(by)
    known = answers.dropna(subset=column)
    groups = known.groupby(by, observed=True).size().rename("answers").reset_index()
    grid = groups.merge(pd.DataFrame({column: list(levels)}), how="cross")
    given = known.groupby([*by, column], observed=True).size().rename("n").reset_index()
    shares = grid.merge(given, how="left", on=[*by, column]).fillna({"n": 0}).astype({"n": "int64"})
    return with_wilson(shares, conf_level)


@recorded
def mean_over_waves(shares: pd.DataFrame, by: Sequence[str], conf_level: float = 0.95) -> pd.DataFrame:
    """Shares of several waves joined into one by the plain mean of the waves' shares, each wave counting the same.

    `shares`: rows of `category_shares` or `answer_shares` made with `wave` among the groups; `by` are the columns that
    stay (without wave). One row per group: n and answers added over the waves, proportion = Σ p_w / W and a normal
    interval with variance Σ p_w(1 − p_w)/n_w / W², which takes the waves as independent.
    """
    parts = shares.assign(variance=shares["proportion"] * (1 - shares["proportion"]) / shares["answers"])
    joined = (
        parts.groupby(list(by), observed=True, sort=False)
        .agg(
            n=("n", "sum"),
            answers=("answers", "sum"),
            proportion=("proportion", "mean"),
            variance=("variance", "sum"),
            waves=("wave", "nunique"),
        )
        .reset_index()
    )
    half = stats.norm.ppf(0.5 + conf_level / 2) * joined["variance"] ** 0.5 / joined["waves"]
    return joined.drop(columns=["variance", "waves"]).assign(
        conf_low=(joined["proportion"] - half).clip(lower=0), conf_high=(joined["proportion"] + half).clip(upper=1)
    )


@recorded
def difference_of_shares(treated: Mapping[str, float], control: Mapping[str, float]) -> dict[str, float]:
    """Difference of two independent shares with an interval made of their own ones: estimate, conf_low, conf_high.

    `treated` and `control`: proportion, conf_low, conf_high, as rows of the functions above. The lower end is
    d − √((p₁ − l₁)² + (u₂ − p₂)²) and the upper likewise (Newcombe 1998; Zou and Donner 2008): with Wilson's intervals
    this is Newcombe's method 10.
    """
    p1, low1, high1 = (treated[name] for name in ("proportion", "conf_low", "conf_high"))
    p2, low2, high2 = (control[name] for name in ("proportion", "conf_low", "conf_high"))
    difference = p1 - p2
    low = difference - math.hypot(p1 - low1, high2 - p2)
    return {"estimate": difference, "conf_low": low, "conf_high": difference + math.hypot(high1 - p1, p2 - low2)}


def with_wilson(counts: pd.DataFrame, conf_level: float) -> pd.DataFrame:
    """Counts (n of `answers`) with proportion and Wilson score interval (statsmodels)."""
    low, high = proportion_confint(counts["n"], counts["answers"], alpha=1 - conf_level, method="wilson")
    return counts.assign(proportion=counts["n"] / counts["answers"], conf_low=low, conf_high=high)


@recorded
def coder_agreement(answers: pd.DataFrame, categories: Sequence[str], conf_level: float = 0.95) -> pd.DataFrame:
    """Cohen's kappa between coders 1 and 2 for each category, among the answers both coded.

    `answers`: one row per answer and coder. For one category every double-coded answer is given or not given it by
    each coder, a two-by-two table. The last row, outcome "all_categories", pools those tables: every answer and
    category is one decision. Kappa = (p_o − p_e) / (1 − p_e) with Fleiss, Cohen & Everitt's standard error (1969), from
    statsmodels; the statistic in `statistic_value` is the share of equal decisions p_o, `df` the number of answers. A
    category that one of the coders never or always used has kappa NaN. Raises ValueError if no answer was coded twice.
    Checked against R (tests/reference/economics.R) and a table worked by hand.
    """
    decisions = _paired_decisions(answers, categories)
    rows = [_kappa(decisions[decisions["category"] == category], category, conf_level) for category in categories]
    return estimate_frame([*rows, _kappa(decisions, "all_categories", conf_level)])


def _paired_decisions(answers: pd.DataFrame, categories: Sequence[str]) -> pd.DataFrame:
    keys = list(ANSWER_KEYS)
    coders = {coder: coded_once(answers, coder) for coder in (1, 2)}
    both = coders[1][keys].merge(coders[2][keys], on=keys)
    if both.empty:
        raise ValueError("no answer was coded by both coders, so agreement cannot be measured")
    decisions = both.merge(pd.DataFrame({"category": list(categories)}), how="cross")
    for coder, coded in coders.items():
        given = categories_long(coded)[[*keys, "category"]].assign(**{f"coder_{coder}": True})
        decisions = decisions.merge(given, how="left", on=[*keys, "category"])
        decisions[f"coder_{coder}"] = decisions[f"coder_{coder}"].notna()
    return decisions


def _kappa(decisions: pd.DataFrame, outcome: str, conf_level: float) -> Estimate:
    first, second = decisions["coder_1"], decisions["coder_2"]
    answers = len(decisions[list(ANSWER_KEYS)].drop_duplicates())
    agreement = float((first == second).mean())
    known = {
        "outcome": outcome,
        "population": "double_coded_answers",
        "contrast": "coder_1_vs_coder_2",
        "method": "cohens_kappa",
        "conf_level": conf_level,
        "unit": "kappa",
        "statistic_value": agreement,
        "df": answers,
    }
    if first.nunique() < 2 or second.nunique() < 2:
        return Estimate(estimate=float("nan"), **known)
    table = pd.crosstab(first, second).reindex(index=[False, True], columns=[False, True], fill_value=0)
    result = cohens_kappa(table.to_numpy())
    kappa, se = float(result.kappa), float(result.std_kappa)
    half = stats.norm.ppf(0.5 + conf_level / 2) * se
    return Estimate(estimate=kappa, std_error=se, conf_low=kappa - half, conf_high=min(kappa + half, 1.0), **known)
