"""What the record says of the ways beside the line: pauses, suspensions, reports of conduct, payments meanwhile."""

from collections.abc import Mapping

from mediation.docket.said import Said
from mediation.i18n import N_

BESIDE: Mapping[str, Said] = {
    "offer:superseded": Said(N_("The claim became smaller, so the plan made on the earlier one stands no more.")),
    "case:paused": Said(
        N_("%(who)s asked that mediation rest for a while; no time runs out meanwhile."),
        N_("You asked that mediation rest for a while; no time runs out meanwhile."),
        N_("Your side asked that mediation rest for a while; no time runs out meanwhile."),
    ),
    "case:resumed": Said(N_("Mediation goes on; whatever was still open keeps the days that it had left.")),
    "case:suspended": Said(
        N_("The institution must settle a question first; mediation rests until then, and open plans are void."),
        N_("You suspended mediation until a question is settled; open plans are void."),
    ),
    "case:reinstated": Said(
        N_("The institution settled the question; mediation goes on."),
        N_("You settled the question; mediation goes on."),
    ),
    "conduct:reported": Said(
        N_("%(who)s reported to the registrar that payment was asked for though that was to rest."),
        N_("You reported to the registrar that payment was asked for though that was to rest."),
    ),
    "conduct:answered": Said(
        N_("The registrar answered the report of payment being asked for."),
        N_("You answered the report of payment being asked for."),
    ),
    "conduct:forwarded": Said(
        N_("%(who)s laid before the lender a report that payment was asked for though that was to rest."),
        N_("You laid before the lender a report that payment was asked for though that was to rest."),
    ),
    "payment:reported": Said(
        N_("%(who)s reported a payment made since the claim was stated."),
        N_("You reported a payment made since the claim was stated."),
        N_("Your side reported a payment made since the claim was stated."),
    ),
    "payment:disputed": Said(
        N_("%(who)s disputed the payment that was reported."),
        N_("You disputed the payment that was reported."),
        N_("Your side disputed the payment that was reported."),
    ),
    "payment:taken-back": Said(
        N_("%(who)s took back the report of a payment."),
        N_("You took back your report of a payment."),
        N_("Your side took back its report of a payment."),
    ),
    "payment:confirmed": Said(
        N_("%(who)s confirmed the payment that was reported; the claim is smaller by it."),
        N_("You confirmed the payment that was reported; the claim is smaller by it."),
        N_("Your side confirmed the payment that was reported; the claim is smaller by it."),
    ),
    "terms:overtaken": Said(
        N_("The claim became smaller, so the agreed plan is looked at anew. Nobody is bound by it.")
    ),
}
