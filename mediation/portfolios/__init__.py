"""A lender's loans: reading its files, importing them whole, and what each loan states."""
