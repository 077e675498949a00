"""The economic result of a published report without its slips: what every page gives that speaks of it.

Which printed numbers are results, and which failures may be no slip, are rules of the report (`audit.results` and
`audit.in_doubt` in as_printed.yml).
"""

from dataclasses import dataclass
from math import isnan, nan

import pandas as pd

from analysis.frames.needs import needs
from analysis.frames.trial import Trial, once_a_trial
from analysis.published.audit.carry import Chain
from analysis.published.keys import printed_rule
from analysis.published.prints import report_of

RESULTS, IN_DOUBT = "audit.results", "audit.in_doubt"
CORRECTED = ("published:relations", f"rule:{RESULTS}")
PER_PERSON, TOTAL, BREAK_EVEN = "per_person", "total", "break_even_effect"


@dataclass(frozen=True, eq=False)
class CorrectedResult:
    """One printed result and what becomes of it, in its own unit.

    printed: as it stands in print. unrounded: the same from the numbers printed beside it. corrected: with every slip
    corrected that reaches it. with_doubt: with those in doubt corrected, too; NaN where there are none. slips: one row
    a slip in the order of the calculation, those in doubt last: relation, address, key (row of the address), printed,
    recomputed, in_doubt, alone (change of the result if only this one is corrected), start and end (the result before
    and after it in a correction one by one).
    """

    address: str
    printed: float
    unrounded: float
    corrected: float
    with_doubt: float
    slips: pd.DataFrame

    @property
    def low(self) -> float:
        """Lower end of what the result may be without its slips."""
        return min(value for value in (self.corrected, self.with_doubt) if not isnan(value))

    @property
    def high(self) -> float:
        """Upper end of what the result may be without its slips."""
        return max(value for value in (self.corrected, self.with_doubt) if not isnan(value))


@needs("published:relations")
def calculation(trial: Trial) -> Chain:
    """The calculation of the report's economic analysis, with its slips."""
    return trial.once("calculation", lambda: report_of(trial).chain(printed_rule(trial, IN_DOUBT, ())))


@needs(*CORRECTED)
@once_a_trial
def corrected_result(trial: Trial, result: str = PER_PERSON) -> CorrectedResult:
    """One result of the report: PER_PERSON and TOTAL, the net present value in NOK, or BREAK_EVEN, a share."""
    chain, address = calculation(trial), printed_rule(trial, RESULTS, {})[result]
    slips = sorted(chain.reaching(address), key=lambda slip: slip.in_doubt)
    certain = [slip for slip in slips if not slip.in_doubt]
    every = chain.corrected(slips)[address] if len(certain) < len(slips) else nan
    return CorrectedResult(
        address,
        chain.printed[address],
        chain.unrounded[address],
        chain.corrected(certain)[address],
        every,
        _slips(chain, slips, address),
    )


def _slips(chain: Chain, slips: list, end: str) -> pd.DataFrame:
    rows = []
    for number, slip in enumerate(slips):
        recomputed = chain.corrected([slip])[slip.address]
        start, after = (chain.corrected(slips[:upto])[end] for upto in (number, number + 1))
        key = slip.address.split("/")[1]
        rows.append((slip.relation, slip.address, key, chain.printed[slip.address], recomputed, slip.in_doubt,
                     chain.change([slip], end), start, after))  # fmt: skip
    columns = ["relation", "address", "key", "printed", "recomputed", "in_doubt", "alone", "start", "end"]
    return pd.DataFrame(rows, columns=columns)
