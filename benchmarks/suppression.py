"""How often an outsider finds a small group out, over random studies: `python -m benchmarks.suppression 1000`.

Each study has two to five tables of 25 to 400 people, linked by groups, populations and shares
(`tests/suppression_studies.py`). What stays untold is worked out from halves as in a build; the outsider knows the full
cross-classification instead, and reckons in whole people. Prints how many studies leak, which, and how many counts of
five people and more are hidden. `without=NAME` leaves one search of `relations` out, `_FEW=0` sets a constant.
"""

import sys

from analysis.show.disclosure import relations
from analysis.show.disclosure.suppression import suppress
from tests.suppression_studies import counts_of, leaks, random_study


def main(number: int, *changes: str) -> None:
    for name, value in (change.split("=") for change in changes):
        if name == "without":
            setattr(relations._Relations, value, lambda *_: None)
        else:
            setattr(relations, name, float(value))
    leaking, hidden_large, large = [], 0, 0
    for seed in range(number):
        study = random_study(seed, tables=5)
        counts, row = counts_of(study)
        hidden = suppress(counts)
        if leaks(study, counts, row, hidden):
            leaking.append(seed)
        told_of_many = counts.shown & (counts.values >= 5)
        hidden_large, large = hidden_large + int(hidden[told_of_many].sum()), large + int(told_of_many.sum())
    print(f"{' '.join(changes) or 'as built'}: {len(leaking)} of {number} studies leak {leaking[:20]}; "
          f"{hidden_large / large:.1%} of {large} counts of five and more hidden")  # fmt: skip


if __name__ == "__main__":
    main(int(sys.argv[1]), *sys.argv[2:])
