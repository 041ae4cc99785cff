"""What is told in confidence, how far it is opened, and what a later mediator may read."""
