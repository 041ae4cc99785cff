"""The form of a lender's own limits: one row for each band, and the day from which they hold."""

from collections.abc import Sequence
from typing import Any

from wtforms import DateField, IntegerField
from wtforms.validators import InputRequired, Optional

from mediation.errors import Refused
from mediation.i18n import N_
from mediation.rules.plan_kinds import COMPONENTS
from mediation.rules.policy_bands import MOST_BANDS, Band, Shares
from mediation.web.forms import Form, PercentField

PLACES = range(1, MOST_BANDS + 1)
WAIVED = {
    "principal": N_("Principal given up at most, per cent"),
    "interest": N_("Interest given up at most, per cent"),
    "penalty": N_("Penalty given up at most, per cent"),
    "fees": N_("Fees given up at most, per cent"),
}


class BandsForm(Form):
    """The limits as an officer writes them; a row in which nothing stands is no band."""

    in_force_on = DateField(N_("They hold from"), validators=[InputRequired()])

    def row(self, place: int) -> list[Any]:
        """The fields of one band."""
        return [self[f"{name}_{place}"] for name in NAMES]

    def is_empty(self, place: int) -> bool:
        """Whether nothing stands in that row."""
        return not any(field.data not in (None, "") or field.errors for field in self.row(place))

    def show(self, bands: Sequence[Band]) -> None:
        """Write these limits into the form as a person would."""
        for place, band in enumerate(bands, 1):
            self[f"from_days_{place}"].data = band.from_days
            self[f"most_months_{place}"].data = band.most_months
            for name in COMPONENTS:
                self[f"waived_{name}_{place}"].data = per_cent(getattr(band.most_waived, name))
            self[f"least_recovery_{place}"].data = per_cent(band.least_recovery)

    def bands(self) -> list[Band]:
        """The limits that this form means; refused at the figure that is missing."""
        used = [place for place in PLACES if not self.is_empty(place)]
        for place, expected in zip(used, PLACES, strict=False):
            if place != expected:
                raise Refused("bands:row-left-out", field=f"from_days_{expected}")
        return [self._band(place) for place in used]

    def _band(self, place: int) -> Band:
        for name in ("from_days", "most_months"):
            if self[f"{name}_{place}"].data is None:
                raise Refused("bands:figure-missing", field=f"{name}_{place}")
        return Band(
            from_days=self[f"from_days_{place}"].data,
            most_months=self[f"most_months_{place}"].data,
            most_waived=Shares(**{name: self[f"waived_{name}_{place}"].rate for name in COMPONENTS}),
            least_recovery=self[f"least_recovery_{place}"].rate,
        )


def per_cent(share: Any) -> str:
    """A share as a person writes it in per cent: 0.125 is 12.5."""
    return format((share * 100).normalize(), "f")


NAMES = ("from_days", "most_months", *(f"waived_{name}" for name in COMPONENTS), "least_recovery")

for _place in PLACES:
    setattr(BandsForm, f"from_days_{_place}", IntegerField(N_("Overdue for so many days or more"), [Optional()]))
    setattr(BandsForm, f"most_months_{_place}", IntegerField(N_("At most, months"), [Optional()]))
    for _name, _words in WAIVED.items():
        setattr(BandsForm, f"waived_{_name}_{_place}", PercentField(_words))
    setattr(BandsForm, f"least_recovery_{_place}", PercentField(N_("Of the claim at least, per cent")))
