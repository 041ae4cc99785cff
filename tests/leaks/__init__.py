"""What must not be seen by the wrong person, planted and looked for everywhere."""
