"""What shows results: words, sentences, tables, figures, listings, disclosure, and the page they reach a reader by."""
