"""What must hold: pure rules, no clock, no database, no web."""
