"""The road: from an observatory's inputs to its edition, site and report, stage by stage, each only when needed."""
