"""Official series: read as their publishers give them, brought to one unit, and added only where that counts once."""
