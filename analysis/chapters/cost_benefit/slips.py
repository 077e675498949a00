"""What this chapter and the audit say of a report's economic result without its slips, in the same sentences."""

from collections.abc import Mapping

from analysis.frames.needs import Absent, needs
from analysis.frames.trial import Trial
from analysis.published.corrected import BREAK_EVEN, CORRECTED, TOTAL, CorrectedResult, corrected_result
from analysis.show import prose
from analysis.show.prose import Label, Sentence


@needs(*CORRECTED)
def slip_sentences(trial: Trial) -> tuple[Sentence, ...]:
    """One sentence a slip: what is printed, what the inputs give, which way it turned the result; then all together."""
    found = corrected_result(trial)
    doubt = found.slips["in_doubt"]
    certain = [_slip(row) for row in found.slips[~doubt].to_dict("records")]
    in_doubt = [_slip(row) for row in found.slips[doubt].to_dict("records")]
    if len(certain) > 1:
        change = found.corrected - found.unrounded
        values = {"slips": prose.count(len(certain)), "change": prose.nok(abs(change))}
        certain.append(Sentence("slips_together", values, _turn(change), of="cost_benefit", from_print=True))
    return (*certain, *in_doubt)


def _slip(row: Mapping) -> Sentence:
    values = {
        "what": Label("rows", row["key"]),
        "printed": prose.nok(row["printed"]),
        "recomputed": prose.nok(row["recomputed"]),
        "alone": prose.nok(abs(row["alone"])),
    }
    return Sentence(
        "slip_in_doubt" if row["in_doubt"] else "slip", values, _turn(row["alone"]), of="cost_benefit", from_print=True
    )


def _turn(change: float) -> str:
    """Direction of a change in whole kroner."""
    if abs(change) < 0.5:
        return "unclear"
    return "higher" if change > 0 else "lower"


@needs(*CORRECTED)
def consequence(trial: Trial) -> Sentence:
    """What correcting the slips does to the net present value, per person and in all, and whether its sign stays."""
    in_all, each = corrected_result(trial, TOTAL), corrected_result(trial)
    if in_all.slips.empty:
        return Sentence("consequence_none", of="cost_benefit", from_print=True)
    signs = {value < 0 for value in (in_all.printed, in_all.low, in_all.high)}
    key = "consequence_same_sign" if len(signs) == 1 else "consequence_new_sign"
    values = {
        "slips": prose.count(int((~in_all.slips["in_doubt"]).sum())),
        "before": prose.million_nok(in_all.printed, 2),
        "after": prose.million_nok(in_all.corrected, 2),
        "before_each": prose.nok(each.printed),
        "after_each": prose.nok(each.corrected),
    }
    return Sentence(key, values, finding=True, of="cost_benefit", from_print=True)


@needs(*CORRECTED)
def consequence_of_doubt(trial: Trial) -> Sentence | Absent:
    """The range of the corrected net present value, where a slip is in doubt."""
    in_all, each = corrected_result(trial, TOTAL), corrected_result(trial)
    if not in_all.slips["in_doubt"].any():
        return Absent("published:relations")
    values = {
        **doubtful(in_all),
        "after": prose.million_nok(in_all.with_doubt, 2),
        "after_each": prose.nok(each.with_doubt),
        "change": prose.million_nok(in_all.with_doubt - in_all.corrected, 2),
    }
    return Sentence("consequence_of_doubt", values, of="cost_benefit", from_print=True)


@needs(*CORRECTED)
def corrected_break_even(trial: Trial) -> Sentence:
    """The effect that would pay, as printed and with the slips corrected, those in doubt in the range."""
    found = corrected_result(trial, BREAK_EVEN)
    printed, low, high = (100 * value for value in (found.printed, found.low, found.high))
    values = {"printed": prose.decimal(printed), "low": prose.decimal(low), "high": prose.decimal(high)}
    one = prose.round_half_up(low, 1) == prose.round_half_up(high, 1)
    key = "corrected_break_even" if one else "corrected_break_even_range"
    return Sentence(key, values, of="cost_benefit", from_print=True)


def doubtful(found: CorrectedResult) -> dict[str, tuple[Label, ...]]:
    """Names of the amounts whose slip is in doubt."""
    return {"doubtful": tuple(Label("rows", key) for key in found.slips.loc[found.slips["in_doubt"], "key"])}
