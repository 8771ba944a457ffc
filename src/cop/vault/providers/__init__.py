"""Providers, versions of their terms, findings."""
