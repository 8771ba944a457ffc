"""The statistical framework: indicators, survey estimates, counts of records, official series, disclosure control.

Source: WG-CP/1 report, 7.13 (a framework for the statistical measurement of child online protection). Knows the kernel
only; what it needs from other rooms comes in as values and tables.
"""
