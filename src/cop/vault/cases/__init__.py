"""Cases: what became of a report, to whom it was referred, how long it is kept, and the worker that sees to records."""
