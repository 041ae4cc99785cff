"""What a borrower discloses: the statement of means, section by section, and who may read which."""
