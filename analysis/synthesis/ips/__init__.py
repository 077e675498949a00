"""The synthetic trial of individual job support: invented people and jobs that give the printed figures.

`people` draws who takes part, `jobs` draws many histories of work for each and chooses one for everybody so that the
printed numbers come out. `assumptions.yml` holds what the article does not print. Only whole numbers are drawn and
weighed, so every machine writes the same bytes.
"""
