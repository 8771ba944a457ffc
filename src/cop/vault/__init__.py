"""The vault: confidential state. Each app keeps its state and calls the libraries; `release` is the only door out.

Files have the same names in every app: `models` (columns and constraints), `operations` (the only writer),
`queries` (what others may ask), `schemas` (what comes in).
"""
