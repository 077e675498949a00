"""The report as a book: run the chapters, stage the pages, render, finish, and only then replace the last good book.

`report.build_report` drives the steps, each in a module of its own:
`execution` runs chapter notebooks with parameters, in processes that `workers` forks, `shell` being papermill's engine
· `reuse` tells which of them need no new run · `pages` writes the generated pages and settings · `rendering` calls
Jupyter Book and reads its warnings ·
`finishing` mends the rendered pages, `reading_aids` numbers and describes what is on them, `entrances` makes what
shared and dead links lead to, `lighter` leaves out what no page uses · `mathml` is the Sphinx extension for formulas
· `made` marks what a build made, so that nothing else is ever removed. `stored` refreshes the outputs kept in
the notebooks.
"""
