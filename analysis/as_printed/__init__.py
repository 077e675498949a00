"""Code that only one published report needs, one package a report: layouts of tables, numbers of the running text."""
