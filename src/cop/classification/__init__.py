"""The classification of online threats to children, and the coder that gives its codes to reports.

Asked for in paragraph 7.11 of the WG-CP/1 report: "a system for classification of online threats". The scheme itself
is data (`catalogue/threats/*.yaml`); `scheme` reads it, `coder` applies it.
"""
