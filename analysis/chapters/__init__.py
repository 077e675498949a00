"""Chapters: each assembles its tables, figures and sentences from a trial. They pick populations and call methods."""
