"""What the slips do to the end of the economic calculation."""

import pandas as pd

from analysis.chapters.cost_benefit import slips
from analysis.frames.needs import needs
from analysis.frames.trial import Trial
from analysis.published.corrected import CORRECTED, TOTAL, calculation, corrected_result
from analysis.show.figures import Figure, titled
from analysis.show.prose import Sentence, nok, tally
from analysis.show.tables import Table, cells

CHAIN = "audit.chain"

# The page on costs and benefits says the same of the corrected result.
slip_sentences, corrected_break_even = slips.slip_sentences, slips.corrected_break_even
consequence, consequence_of_doubt = slips.consequence, slips.consequence_of_doubt


@needs(*CORRECTED, f"rule:{CHAIN}")
def table_corrected(trial: Trial) -> Table | Sentence:
    """The chain from inputs to net present value: as printed, slips corrected, and those in doubt corrected, too."""
    found, chain = corrected_result(trial, TOTAL), calculation(trial)
    if found.slips.empty:
        return consequence(trial)
    certain = [slip for slip in chain.slips if not slip.in_doubt]
    columns = {"as_printed": chain.printed, "as_corrected": chain.corrected(certain)}
    if found.slips["in_doubt"].any():
        columns["in_doubt"] = chain.corrected(chain.slips)
    rows = [
        (address.split("/")[1], column, "nok", values[address])
        for address in trial.study.as_printed.rules[CHAIN]
        for column, values in columns.items()
        if any(each[address] != chain.printed[address] for each in columns.values())
    ]
    return Table("corrected", cells(rows), unit="nok", values=slips.doubtful(found))


@needs(*CORRECTED)
def figure_slips(trial: Trial) -> Figure | Sentence:
    """From the printed result per person to the corrected one, slip by slip, those in doubt after it."""
    found = corrected_result(trial)
    if found.slips.empty:
        return consequence(trial)
    doubt = found.slips["in_doubt"]
    steps = found.slips.assign(row=found.slips["key"], estimate=found.slips["end"] - found.slips["start"])
    levels = [("as_printed", found.unrounded), ("as_corrected", found.corrected), ("in_doubt", found.with_doubt)]
    before, after, last = (
        pd.DataFrame([{"row": row, "estimate": level, "start": 0.0, "end": level}]) for row, level in levels
    )
    parts = [before, steps[~doubt], after, *([steps[doubt], last] if doubt.any() else [])]
    frame = pd.concat([part[["row", "estimate", "start", "end"]] for part in parts], ignore_index=True)
    values = {"slips": tally((~doubt).sum()), "before": nok(found.unrounded), "after": nok(found.corrected)}
    return titled(Figure("slips", "waterfall", frame, {"decimals": 0}, slips.doubtful(found)),
                  Sentence("slips_found", values))  # fmt: skip
