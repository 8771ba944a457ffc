"""What a programme did: estimated against a comparison, checked, and said in words a ministry can read."""
