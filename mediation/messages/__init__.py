"""Rooms: the joint room, one caucus per side, the mediator's notes."""
