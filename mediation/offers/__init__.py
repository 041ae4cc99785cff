"""Offers and counter-offers on the table of a negotiation."""
