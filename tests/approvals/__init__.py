"""The lender's own limits, and what waits for its second officer."""
