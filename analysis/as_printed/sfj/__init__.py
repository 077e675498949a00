"""The evaluation report of Senter for jobbmestring (2013): what computes each of its printed tables."""
