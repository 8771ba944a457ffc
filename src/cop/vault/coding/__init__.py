"""Codes given to reports."""
