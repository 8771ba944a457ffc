"""Estimates from survey microdata: description in, one row of figures per indicator and domain out."""
