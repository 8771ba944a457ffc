"""Counts of coded records: the unit that is counted, its corrections, breaks, back-casts and rates.

Source: WG-CP/1 report, 7.13. The classification is not known here: what codes there are, what lies above them and what
they became in another version comes in as values and tables.
"""
