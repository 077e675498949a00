"""The synthetic trial: people, registers and answers from which the ordinary analysis makes the published figures.

The flow: `targets` reads the printed numbers · `register_counts` and `groups` find the whole people behind them ·
`people` draws the participants and, by `effects`, fits their covariates and outcomes to the nine published logits ·
`months` draws every month's status · `registers` cuts the months into spells · further stages add income, measures,
contacts and answers · `pipeline` runs all of it from one seed and writes the files. `assumptions.yml` holds
what the report does not print. Every stage has its own random numbers.

`python -m analysis.synthesis.sfj` writes data/sfj anew. The analysis itself knows nothing of the targets.
"""
