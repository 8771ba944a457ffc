"""Early warning: which counts of a series are higher than its own past explains, and who is told."""
