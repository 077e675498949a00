"""Chapter: the headline figures that short accounts of a study give, published beside computed.

Which places of the published report are such accounts, a project page or a press summary, is a rule of the report
(`key_results.sources` in as_printed.yml).
"""

import pandas as pd

from analysis.chapters import reproduction
from analysis.frames.needs import needs
from analysis.frames.trial import Trial
from analysis.published.prints import report_of
from analysis.published.scorecard import EXACT, NOT_COMPARED, addresses
from analysis.show import prose
from analysis.show.listing import Listing
from analysis.show.prose import Label, Sentence

SOURCES = "key_results.sources"
_KINDS = {"pct": "percent", "n": "count"}


@needs("published", f"rule:{SOURCES}")
def headlines(trial: Trial) -> pd.DataFrame:
    """The rows of the scorecard that are about headline figures, in the order of the accounts; see `scorecard`."""
    scores = reproduction.card(trial)
    return scores[scores["source"].isin(trial.study.as_printed.rules[SOURCES])].reset_index(drop=True)


@needs()
def overview(found: pd.DataFrame) -> Sentence:
    """How many headline figures come out as printed, and how many do not."""
    compared = found["computed"].notna() & (found["verdict"] != NOT_COMPARED)
    computed, exact = int(compared.sum()), int((found["verdict"] == EXACT).sum())
    values = {"printed": len(found), "computed": computed, "exact": exact, "differ": computed - exact}
    whole = "all_exact" if exact == len(found) else "overview_all"
    hides = (found["verdict"] == NOT_COMPARED).any()
    some, none = ("overview_compared", "uncompared") if hides else ("overview", "none")
    key = none if not computed else whole if computed == len(found) else some
    return Sentence(key, {name: prose.tally(value) for name, value in values.items()})


@needs()
def comparison(trial: Trial, found: pd.DataFrame) -> Listing:
    """Each headline figure: where it stands, what it is about, for whom, as printed and as computed."""
    word = report_of(trial).word
    frame = pd.DataFrame(
        {
            "source": [Label("rows", source) for source in found["source"]],
            "figure": [Label("printed_rows", row) for row in found["row"]],
            "people": found["column"].map(word),
            "printed": _numbers(found, "value"),
            "computed": _numbers(found, "computed"),
            "verdict": [Label("verdicts", verdict) for verdict in found["verdict"]],
        }
    )
    return Listing("headlines", frame, ["source"], download=found, keys=list(addresses(found)))


def _numbers(found: pd.DataFrame, column: str) -> list[prose.Number]:
    return [
        prose.Number(value, _KINDS.get(statistic, "decimal"), decimals)
        for value, decimals, statistic in zip(found[column], found["decimals"], found["statistic"], strict=True)
    ]


@needs()
def key_numbers(found: pd.DataFrame) -> dict[str, float]:
    """Numbers for the test of the notebook."""
    return {name: number.value for name, number in overview(found).values.items()}
