"""The record in words where it tells of draws, objections with a reason, and the panel."""

from collections.abc import Mapping

from mediation.docket.said import Said
from mediation.i18n import N_

APPOINTING: Mapping[str, Said] = {
    "draw:opened": Said(
        N_("%(who)s promised a draw among the listed mediators; each side may add a number."),
        N_("You promised a draw among the listed mediators; each side may add a number."),
    ),
    "draw:number-given": Said(
        N_("%(who)s added a number to the draw of a mediator."),
        N_("You added a number to the draw of a mediator."),
        N_("Your side added a number to the draw of a mediator."),
    ),
    "draw:void": Said(N_("The draw named nobody who could still be asked.")),
    "mediator:drawn": Said(N_("A mediator was drawn by the promised seed and the numbers of both sides, and asked.")),
    "mediator:contested": Said(
        N_("%(who)s objected to the mediator with a reason, which only the registrar reads."),
        N_("You objected to the mediator with a reason, which only the registrar reads."),
        N_("Your side objected to the mediator with a reason, which only the registrar reads."),
    ),
    "objection:upheld": Said(
        N_("%(who)s upheld the objection; another mediator is sought."),
        N_("You upheld the objection; another mediator is sought."),
    ),
    "objection:not-upheld": Said(
        N_("%(who)s did not uphold the objection; the mediator stays."),
        N_("You did not uphold the objection; the mediator stays."),
    ),
    "panel:kept": Said(
        N_("%(who)s changed what the panel says of a mediator."), N_("You changed what the panel says of a mediator.")
    ),
    "panel:limit-set": Said(
        N_("%(who)s set how much of a mediator's work one lender may be."),
        N_("You set how much of a mediator's work one lender may be."),
    ),
}
