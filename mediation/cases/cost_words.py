"""The sentence for every no of the rules that reckon cost, dates and running loans."""

from mediation.i18n import N_

COST_SENTENCES = {
    "cost:no-rate": N_("These figures have no yearly rate. Check the amounts and their dates."),
    "cost:several-rates": N_("These figures fit several yearly rates. Check them."),
    "cost:rate-not-certain": N_("These figures do not settle one yearly rate. Check them."),
    "cost:negative": N_("An amount here is not below zero."),
    "cost:fee-out-of-range": N_("A fee lies in period %(period)s; the loan has %(most)s."),
    "cost:flow-in-the-past": N_("A payment lies before %(earliest)s."),
    "cost:flow-too-late": N_("A payment lies after %(latest)s."),
    "cost:never-repaid": N_("With this payment the debt would never be repaid."),
    "cost:no-ceiling": N_("No ceiling is known for %(on)s."),
    "cost:part-out-of-range": N_("A part of a period lies from 0 to below 1."),
    "cost:payment-before-advance": N_("A payment lies before money was received; this rate cannot be told."),
    "cost:periods-out-of-range": N_("The number of periods or days lies up to %(most)s."),
    "cost:rate-out-of-range": N_("The rate lies between %(least)s and %(most)s, as a fraction."),
    "cost:too-many-changes": N_("Money goes back and forth more than %(most)s times."),
    "cost:too-many-flows": N_("There are more than %(most)s payments."),
    "cost:unknown-unit-period": N_("This interval between payments is not one that the rule has."),
    "days:day-out-of-range": N_("The year lies between %(first)s and %(last)s."),
    "days:end-before-start": N_("The last day lies before the first."),
    "loan:date-before-last-due": N_("The earliest day here is %(earliest)s."),
    "loan:missed-out-of-range": N_("Between %(least)s and %(most)s instalments can be missed."),
    "loan:nothing-left": N_("Nothing is left to pay on this loan."),
    "bargaining:curve-not-falling": N_("What one side gains, the other must give up."),
    "bargaining:no-gain": N_("No plan here leaves both sides at least as well off as none."),
    "bargaining:too-many-points": N_("There are more than %(most)s plans to weigh."),
    "search:nothing-to-try": N_("Choose at least one value to try here."),
    "search:too-many-plans": N_(
        "These choices make %(plans)s plans; at most %(most)s can be compared at once. Narrow one of them."
    ),
    "search:discount-rate-not-positive": N_(
        "Enter a yearly rate above 0: at 0, later money is worth as much as money now and only the longest plans "
        "remain."
    ),
}
