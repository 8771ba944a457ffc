"""The edition: an immutable, signed folder of published facts. Write, sign, verify, read, diff.

An edition is everything the window may show. Its layout (`docs/reference/edition.md`):

    edition.json            what this is: id, observatory, date, period, threshold, code version
    facts/*.parquet         counts, estimates, series, findings, documents (`cop.editions.tables`)
    metadata/*.json         classification, indicators, surveys, series, criteria, providers, library, report,
                            disclosure, quality, lineage
    sdmx/                   structures (SDMX-ML 3.0) and data (SDMX-CSV 2.0)
    SHA256SUMS              every other file but the two below
    SHA256SUMS.sig, signer.pub

Same inputs, same bytes: nothing in it depends on the clock, the machine or the order of files in a folder.
"""
