"""All the pages of accounts: signing in, what is one's own, and the registrar's lenders and members."""

from mediation.accounts import doors, lender_views, member_views, own_views, round_views, sign_in_views
from mediation.i18n import N_

blueprint = doors.blueprint

SENTENCES = {
    "institution:code-taken": N_("An institution with the code %(code)s exists already."),
    **sign_in_views.SENTENCES,
    **own_views.SENTENCES,
    **lender_views.SENTENCES,
    **member_views.SENTENCES,
    **round_views.SENTENCES,
}
