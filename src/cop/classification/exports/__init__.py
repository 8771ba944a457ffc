"""The classification as published data: one module per form, the same scheme always giving the same bytes.

Asked for by notes on the classification, 5.4: generators from one source. `files` makes every form, `check` tests them.
"""
