"""The three kinds that a number of synthetic data can be of, by their codes."""

# Quoted from the print, or reckoned from its numbers alone.
PUBLISHED = "published"
# Computed from the study's data, and the print has this very number and agrees.
REPRODUCED = "reproduced"
# Computed from invented people: a finding about nobody.
NOT_IN_REPORT = "not_in_report"
KINDS = (PUBLISHED, REPRODUCED, NOT_IN_REPORT)
