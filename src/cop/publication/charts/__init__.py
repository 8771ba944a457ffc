"""Figures: a chart with its finding as title, a sentence that says what it shows, and the table behind it.

Each module makes one kind from a frame and returns a `Figure`; nothing here knows editions or pages, so that the
site and the reports draw the same picture of the same numbers.
"""
