"""The news article on the trial of individual job support (NORCE 2021): what computes each of its printed numbers."""
