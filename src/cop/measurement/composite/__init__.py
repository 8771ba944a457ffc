"""A composite index from its indicators: treatment, normalisation, weights, aggregation, and how much each decides."""
