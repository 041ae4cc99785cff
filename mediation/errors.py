"""How the product says no; the sentence for each key lives in the catalogues."""


class MediationError(Exception):
    """A no with a stable key, the form field it belongs to, and the facts its sentence needs."""

    def __init__(self, key: str, /, *, field: str | None = None, **facts: object) -> None:
        super().__init__(key)
        self.key = key
        self.field = field
        self.facts = facts


class Refused(MediationError):
    """A rule says no (409): nothing was kept."""


class Stale(Refused):
    """The page was older than the case (409): what changed is shown, what was typed is kept."""


class NotPermitted(MediationError):
    """This seat may not do that (403)."""


class NotFound(MediationError):
    """It does not exist, or not for you; the two look the same (404)."""

    def __init__(self, key: str = "page:not-found", /) -> None:
        super().__init__(key)
