"""Whether a result has something to say."""

from math import isclose

from analysis.show.prose import Number, Sentence


def worth_saying(result: object) -> bool:
    """No for what is absent, and for an interval without width: there everybody is alike in what is compared.

    A difference of nought, from nought to nought, where nobody has an outcome is no finding of no difference. Ends
    of a range that are no interval (there is no `level`) may be one number, unless that is nought.
    """
    if not isinstance(result, Sentence):
        return False
    ends = [result.values.get(name) for name in ("low", "high")]
    if not all(isinstance(end, Number) for end in ends):
        return True
    low, high = (float(end.value) for end in ends)
    return not isclose(low, high, abs_tol=1e-12) or not ("level" in result.values or isclose(low, 0, abs_tol=1e-12))
