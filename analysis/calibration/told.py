"""What a calibration has come to, in lines for whoever asked: what is met, what is missed, what cannot be."""

from .declared import Made

MOST = 40  # numbers named one by one


def told(made: Made) -> list[str]:
    """Lines: how many printed numbers are met; those that are missed, with what they came to; contradictions."""
    assumed = made.reached["address"].isin(made.declared.assumed)
    missed, printed = made.reached[~made.reached["met"]], made.reached[~assumed]
    in_conflict = {address for conflict in made.conflicts for address in conflict}
    lines = [f"{printed['met'].sum()} of {len(printed)} printed numbers are met"]
    if assumed.any():
        lines.append(f"{made.reached.loc[assumed, 'met'].sum()} of {assumed.sum()} assumed numbers are met")
    for row in missed.head(MOST).itertuples():
        why = "cannot hold together with others, see below" if row.address in in_conflict else "not reached"
        lines.append(f"  missed: {row.address}: printed {row.printed:g}, reached {row.reached:.4g} ({why})")
    for number, conflict in enumerate(made.conflicts, 1):
        what = "this number" if len(conflict) == 1 else "all of these"
        lines.append(f"  contradiction {number}: no people give {what}")
        lines += [f"    {address}" for address in conflict]
    if made.unmeasured:
        lines.append(f"{len(made.unmeasured)} printed numbers are measured by nothing in the declaration")
        lines += [f"  not measured: {address}" for address in made.unmeasured[:MOST]]
    return lines
