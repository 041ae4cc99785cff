"""Cases: opening, registration, invitation, consent, seats, the mediator's appointment, closing."""
