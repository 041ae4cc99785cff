"""The docket: the cases of a desk as lists that are addresses, search, and the pages of the record."""
