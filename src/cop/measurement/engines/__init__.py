"""Where data is computed: one operation, grouped sums over one scan. Statistics are finished elsewhere, in NumPy."""
