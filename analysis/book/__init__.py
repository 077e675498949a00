"""The report as a book: run the chapters, stage the pages, render, finish, and only then replace the last good book.

`report.build_report` drives the steps, each in a module of its own:
`runs` plans what to run · `execution` runs chapter notebooks with parameters, in processes that `workers` forks,
`shell` being papermill's engine · `used` and `reuse` tell which of them need no new run, `kept` and `same_pages` which
pages · `pages` writes the generated pages and settings · `rendering` calls Jupyter Book and reads its warnings ·
`finishing` mends the rendered pages · `mathml` is the Sphinx extension for formulas · `made` marks what a build made,
so that nothing else is ever removed · `serve` does it all again on every save. `stored` refreshes the outputs kept in
the notebooks.
"""
