"""The mediator's desk, what follows from a plan, and what is assumed without one."""
