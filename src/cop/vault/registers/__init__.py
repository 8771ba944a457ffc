"""Registers: every file taken in, with its hash; rows refused; the ledger of events."""
