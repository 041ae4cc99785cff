"""Who may do what, at which stage: walked at every door, printed, and compared with what was reviewed."""
