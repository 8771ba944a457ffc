"""Trends: whether waves of a survey differ, the shape of a change over waves, the points at which a series changes.

Estimates, standard errors and covariances come in as values; how they are made is the survey room's.
"""
