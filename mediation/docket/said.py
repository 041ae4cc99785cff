"""What one kind of entry is called in words, for each reader."""

from dataclasses import dataclass

from mediation.rules.access import Role


@dataclass(frozen=True)
class Said:
    """What a reader is told: of somebody else's act, of the reader's own, of the lender's to its officers."""

    other: str
    you: str = ""
    your_side: str = ""

    def to(self, reader: Role, doer: Role) -> str:
        """The sentence for this reader about this doer."""
        if reader is not doer:
            return self.other
        return (self.your_side if reader is Role.LENDER else self.you) or self.other
