"""The kept plans of a search drawn: what each asks of a month, and what it is worth to the lender today."""

from dataclasses import dataclass

from mediation.offers.desk import Found, Named, Worked

WIDTH, HEIGHT = 360, 220
LEFT, RIGHT, TOP, FOOT = 92, 16, 18, 24
LETTERS = "ABC"


@dataclass(frozen=True)
class Dot:
    """One plan in the drawing; the letter is that of a named plan."""

    x: int
    y: int
    letter: str


@dataclass(frozen=True)
class Span:
    """From the least to the most along one axis, in minor units."""

    least: int
    most: int

    def place(self, amount: int, room: int) -> int:
        """How far along so much room an amount lies; in the middle where there is only one."""
        if self.least == self.most:
            return room // 2
        return (amount - self.least) * room // (self.most - self.least)


@dataclass(frozen=True)
class Picture:
    """The plans as dots: further right asks more of a month, higher up is worth more to the lender."""

    dots: tuple[Dot, ...]
    monthly: Span
    worth: Span
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    floor: int = HEIGHT - FOOT
    top: int = TOP


def picture_of(found: Found) -> Picture | None:
    """The shown plans drawn, the named ones last so that nothing lies over them; None where there is none."""
    if not found.shown:
        return None
    monthly = _span([plan.candidate.monthly for plan in found.shown])
    worth = _span([plan.candidate.present_value for plan in found.shown])
    letters = letters_of(found.named)
    dots = [_dot(plan, monthly, worth, letters.get(plan.candidate.place, "")) for plan in found.shown]
    return Picture(tuple(sorted(dots, key=lambda dot: dot.letter)), monthly, worth)


def letters_of(named: tuple[Named, ...]) -> dict[int, str]:
    """The letter of each named plan by its place."""
    return {plan.candidate.place: letter for plan, letter in zip(named, LETTERS, strict=False)}


def _span(amounts: list[int]) -> Span:
    return Span(min(amounts), max(amounts))


def _dot(plan: Worked, monthly: Span, worth: Span, letter: str) -> Dot:
    across, up = WIDTH - LEFT - RIGHT - 16, HEIGHT - FOOT - TOP - 16
    return Dot(
        x=LEFT + 8 + monthly.place(plan.candidate.monthly, across),
        y=HEIGHT - FOOT - 8 - worth.place(plan.candidate.present_value, up),
        letter=letter,
    )
