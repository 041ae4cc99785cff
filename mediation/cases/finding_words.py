"""The sentences of the law's findings, and those that show how a figure was found; each needs the finding's facts."""

from collections.abc import Mapping

from mediation.i18n import N_

# What an act on an old debt is refused with.
OLD_DEBT_SENTENCES: Mapping[str, str] = {
    "old-debt:unconfirmed": N_(
        "The time of limitation may be over. Read the warning and confirm it apart before this step."
    ),
}

LAW_SENTENCES: Mapping[str, str] = {
    "law:other-currency": N_(
        "The ceilings in this law book are those of mainland China; a loan in %(currency)s is to be checked by hand."
    ),
    "law:lpr-may-be-newer": N_(
        "The newest one-year LPR in this law book is that of %(lpr_on)s; please check whether a later one holds."
    ),
    "law:lender-type-unknown": N_("It is not on file what kind of lender this is; the kind decides the ceiling."),
    "law:original-lender-unknown": N_(
        "It is not on file who made this loan; a claim that was taken over keeps the ceiling of the loan it came from."
    ),
    "law:contract-date-unknown": N_("The date of the contract is not on file; it decides which rule holds."),
    "law:contract-older-than-rules": N_(
        "The contract is of %(contract_on)s; this law book holds rules for contracts from %(earliest)s on, "
        "so the time before is to be checked by hand."
    ),
    "law:rate-unknown": N_("No yearly rate is on file, so the cost cannot be checked against the ceiling."),
    "law:penalty-unknown": N_("It is not on file whether a penalty runs for late payment, and at what rate."),
    "law:all-in-cost-unknown": N_("Fees are part of the yearly cost, and their measure is not on file."),
    "law:within-ceiling": N_(
        "The yearly cost of %(total_rate)s, penalty included, keeps to the ceiling of %(ceiling)s."
    ),
    "law:above-ceiling": N_(
        "The yearly cost of %(total_rate)s, penalty included, is above the ceiling of %(ceiling)s; the "
        "borrower may ask for the part above to be cut."
    ),
    "law:within-four-lpr": N_(
        "The yearly cost of %(total_rate)s keeps to four times the LPR of the contract's day, %(ceiling)s "
        "(LPR published on %(lpr_on)s)."
    ),
    "law:above-four-lpr": N_(
        "The yearly cost of %(total_rate)s is above four times the LPR of the contract's day, %(ceiling)s "
        "(LPR published on %(lpr_on)s); the part above is not supported."
    ),
    "law:within-four-lpr-since-split": N_(
        "For the time from %(split_on)s on, the yearly cost of %(total_rate)s keeps to four times today's "
        "LPR, %(ceiling)s (LPR published on %(lpr_on)s)."
    ),
    "law:above-four-lpr-since-split": N_(
        "For the time from %(split_on)s on, the yearly cost of %(total_rate)s is above four times today's "
        "LPR, %(ceiling)s (LPR published on %(lpr_on)s); the part above is not supported."
    ),
    "law:within-earlier-rule": N_(
        "For the time until %(until)s, the yearly cost of %(total_rate)s keeps to the %(ceiling)s of the earlier rule."
    ),
    "law:above-earlier-rule": N_(
        "For the time until %(until)s, the yearly cost of %(total_rate)s is above the %(ceiling)s that the "
        "earlier rule supports; what was paid above it of free will stays paid."
    ),
    "law:above-earlier-rule-void": N_(
        "For the time until %(until)s, the yearly cost of %(total_rate)s is above %(void_above)s, the upper "
        "line of the earlier rule; the part above that line is not owed, and what was paid of it can be "
        "asked back."
    ),
    "law:above-coming-four-lpr": N_(
        "The yearly cost of %(total_rate)s is above four times the LPR, %(ceiling)s, to which every new "
        "small loan keeps from %(four_lpr_from)s on."
    ),
    "law:claim-above-recast": N_(
        "The claim of %(claimed)s is %(difference)s above what is left when every payment is counted at the "
        "ceiling, %(recast)s."
    ),
    "law:disbursement-unknown": N_(
        "It is not on file how much was really handed over; the principal is the sum handed over."
    ),
    "law:deducted-in-advance": N_(
        "The contract lends %(contract_principal)s, and %(net_disbursed)s was handed over; the principal is "
        "the sum handed over, %(deducted)s less."
    ),
    "law:disbursed-in-full": N_("The whole sum of %(net_disbursed)s was handed over."),
    "law:compound-unknown": N_("It is not on file whether interest was turned into principal."),
    "law:compound-counts-in-cost": N_(
        "Interest was turned into principal; it counts in the yearly cost, which keeps to the ceiling as a whole."
    ),
    "law:compound-figures-missing": N_(
        "Interest was turned into principal; to check the total, the sum handed over, its day, the payments "
        "so far and the date of the contract are needed."
    ),
    "law:compound-above-total": N_(
        "Paid and owed together are %(asked)s; with interest turned into principal, the most is %(most)s."
    ),
    "law:compound-within-total": N_("Paid and owed together are %(asked)s, within the most of %(most)s."),
    "law:payment-order-unknown": N_("It is not on file in which order payments were counted."),
    "law:payment-order-by-law": N_(
        "Payments are counted in the order of the law: costs, then interest, then principal."
    ),
    "law:payment-order-agreed": N_("Payments are counted in another order than the law's, as the parties agreed."),
    "law:payment-order-departs": N_(
        "Payments were counted in another order than the law's, and no agreement on it is on file."
    ),
    "law:payment-order-by-default": N_(
        "The agreement names no order of payments; that of the law holds: costs, then interest, then principal."
    ),
    "law:above-consumer-finance-balance": N_(
        "The principal of %(principal)s is above %(most)s, the most that one borrower may owe a "
        "consumer-finance company."
    ),
    "law:limitation-running": N_("The %(years)s years of limitation run until %(ends_on)s, as far as the file shows."),
    "law:limitation-passed": N_(
        "The %(years)s years of limitation ended on %(ends_on)s, as far as the file shows; the borrower may "
        "say so as a defence, and may give that defence away by a promise, a new agreement or a payment."
    ),
    "law:last-due-date-unknown": N_(
        "The last due date is not on file, so nobody can say whether the %(years)s years of limitation have passed."
    ),
    "law:interruptions-unknown": N_(
        "Counted from the last due date, the %(years)s years of limitation are over; it is not on file "
        "whether anything started them anew."
    ),
    "law:interruption-not-shown": N_(
        "Whether the %(years)s years of limitation have passed depends on an event that no document shows yet."
    ),
    "law:acceleration-decides": N_(
        "Whether the %(years)s years of limitation have passed depends on the day from which the whole loan "
        "was called due."
    ),
    "law:act-after-limitation": N_(
        "After the %(years)s years of limitation the borrower did something that may have given the defence "
        "away; this is for a lawyer to judge."
    ),
    "law:plan-rate-ceiling-unknown": N_(
        "The plan lets %(rate)s a year run; without the kind of lender nobody can say what the ceiling is."
    ),
    "law:plan-rate-within-ceiling": N_("The plan's rate of %(rate)s a year keeps to the ceiling of %(ceiling)s."),
    "law:plan-rate-above-ceiling": N_(
        "The plan's rate of %(rate)s a year is above the ceiling of %(ceiling)s; lower it first."
    ),
    "law:plan-rate-within-four-lpr": N_(
        "The plan's rate of %(rate)s a year keeps to four times the LPR, %(ceiling)s (published on %(lpr_on)s)."
    ),
    "law:plan-rate-above-four-lpr": N_(
        "The plan's rate of %(rate)s a year is above four times the LPR, %(ceiling)s (published on "
        "%(lpr_on)s); lower it first."
    ),
    "law:default-rate-unknown": N_(
        "It is not on file whether interest runs after a breach; where nothing is agreed, the contract's rate runs on."
    ),
    "law:default-rate-ceiling-unknown": N_(
        "After a breach %(rate)s a year is to run; without the kind of lender nobody can say what the ceiling is."
    ),
    "law:default-rate-within-ceiling": N_(
        "The rate of %(rate)s a year after a breach keeps to the ceiling of %(ceiling)s."
    ),
    "law:default-rate-above-ceiling": N_(
        "The rate of %(rate)s a year after a breach is above the ceiling of %(ceiling)s; lower it first."
    ),
    "law:default-rate-within-four-lpr": N_(
        "The rate of %(rate)s a year after a breach keeps to four times the LPR, %(ceiling)s (published on %(lpr_on)s)."
    ),
    "law:default-rate-above-four-lpr": N_(
        "The rate of %(rate)s a year after a breach is above four times the LPR, %(ceiling)s (published on "
        "%(lpr_on)s); lower it first."
    ),
    "law:carried-cost-unknown": N_(
        "Whether the plan carries over more than the ceiling allows cannot be seen from the file; the kind "
        "of lender, the date of the contract, its rate, penalty and fees are needed."
    ),
    "law:excess-carried": N_(
        "The claim's yearly cost of %(total_rate)s is above the ceiling of %(ceiling)s, and the plan "
        "carries it over; recast the claim at the ceiling, or waive what is above."
    ),
    "law:plan-above-recast": N_(
        "The plan's total of %(agreed)s is %(difference)s above what is left when every payment is counted "
        "at the ceiling, %(recast)s; lower it first."
    ),
    "law:plan-within-recast": N_(
        "The claim's yearly cost of %(total_rate)s is above the ceiling, but the plan's total of %(agreed)s "
        "keeps to what is left at the ceiling, %(recast)s."
    ),
    "law:interest-on-interest": N_(
        "%(rolled)s of interest, penalty and fees would itself bear interest of %(rate)s a year."
    ),
    "law:card-plan-too-long": N_(
        "A plan on a credit card ends within %(months)s months, here by %(latest)s; this one ends on %(last_due_on)s."
    ),
    "law:card-or-not-unknown": N_(
        "The plan ends on %(last_due_on)s, more than %(months)s months on; it is not on file whether the "
        "debt is one of a credit card, for which that is too long."
    ),
    "law:restarts-limitation": N_("Proposing or accepting instalments starts the %(years)s years of limitation anew."),
    "law:old-debt-unconfirmed": N_(
        "This debt looks old: its limitation ended on %(ends_on)s. This step may give the defence away for "
        "good, so the borrower confirms it apart, first."
    ),
    "law:old-debt-possible": N_(
        "This debt may be old, and nobody can say from the file. This step may give a defence away for "
        "good, so the borrower confirms it apart, first."
    ),
    "law:old-debt-confirmed": N_("The borrower has read the warning on old debts and confirmed this step apart."),
    "law:court-unknown": N_(
        "It is not on file whether a court has this matter; it decides whether the agreement can be confirmed."
    ),
    "law:confirmation-closed": N_(
        "A court has already ruled, so this agreement cannot be brought to a court for confirmation."
    ),
    "law:confirmation-after-effect": N_(
        "Within %(days)s days of the effect both parties may together ask a court to confirm the agreement."
    ),
    "law:confirmation-open": N_(
        "Both parties may together ask a court to confirm the agreement until %(last_day)s; days left: %(days_left)s."
    ),
    "law:confirmation-over": N_(
        "The time for asking a court together to confirm the agreement ended on %(last_day)s; the agreement "
        "itself binds as before."
    ),
    "law:contact-in-quiet-hours": N_(
        "Nobody is contacted between %(quiet_from)s and %(quiet_until)s unless they agreed to it."
    ),
}

LAW_WORKINGS: Mapping[str, str] = {
    "law:lpr-may-be-newer": N_("4 × one-year LPR %(lpr)s of %(lpr_on)s = %(ceiling)s."),
    "law:within-ceiling": N_(
        "%(base_rate)s a year + %(penalty_daily_rate)s a day × 365 = %(base_rate)s + %(penalty_rate)s = "
        "%(total_rate)s; ceiling %(ceiling)s."
    ),
    "law:above-ceiling": N_(
        "%(base_rate)s a year + %(penalty_daily_rate)s a day × 365 = %(base_rate)s + %(penalty_rate)s = "
        "%(total_rate)s; ceiling %(ceiling)s."
    ),
    "law:within-four-lpr": N_(
        "%(base_rate)s a year + %(penalty_daily_rate)s a day × 365 = %(base_rate)s + %(penalty_rate)s = "
        "%(total_rate)s; 4 × one-year LPR %(lpr)s of %(lpr_on)s = %(ceiling)s."
    ),
    "law:above-four-lpr": N_(
        "%(base_rate)s a year + %(penalty_daily_rate)s a day × 365 = %(base_rate)s + %(penalty_rate)s = "
        "%(total_rate)s; 4 × one-year LPR %(lpr)s of %(lpr_on)s = %(ceiling)s."
    ),
    "law:within-four-lpr-since-split": N_(
        "%(base_rate)s a year + %(penalty_daily_rate)s a day × 365 = %(base_rate)s + %(penalty_rate)s = "
        "%(total_rate)s; 4 × one-year LPR %(lpr)s of %(lpr_on)s = %(ceiling)s."
    ),
    "law:above-four-lpr-since-split": N_(
        "%(base_rate)s a year + %(penalty_daily_rate)s a day × 365 = %(base_rate)s + %(penalty_rate)s = "
        "%(total_rate)s; 4 × one-year LPR %(lpr)s of %(lpr_on)s = %(ceiling)s."
    ),
    "law:within-earlier-rule": N_(
        "%(base_rate)s a year + %(penalty_daily_rate)s a day × 365 = %(base_rate)s + %(penalty_rate)s = "
        "%(total_rate)s; ceiling %(ceiling)s."
    ),
    "law:above-earlier-rule": N_(
        "%(base_rate)s a year + %(penalty_daily_rate)s a day × 365 = %(base_rate)s + %(penalty_rate)s = "
        "%(total_rate)s; ceiling %(ceiling)s."
    ),
    "law:above-earlier-rule-void": N_(
        "%(base_rate)s a year + %(penalty_daily_rate)s a day × 365 = %(base_rate)s + %(penalty_rate)s = "
        "%(total_rate)s; ceiling %(ceiling)s."
    ),
    "law:above-coming-four-lpr": N_(
        "%(total_rate)s against 4 × one-year LPR %(lpr)s of %(lpr_on)s = %(ceiling)s; the share of loans "
        "above it falls by %(share_falls_by)s."
    ),
    "law:claim-above-recast": N_(
        "%(claimed)s - %(recast)s = %(difference)s; recast: the sum handed over, every payment counted on "
        "its day, at %(ceiling)s a year."
    ),
    "law:deducted-in-advance": N_("%(contract_principal)s - %(net_disbursed)s = %(deducted)s."),
    "law:compound-above-total": N_(
        "%(lent)s × (1 + %(ceiling)s × %(days)s / 365) = %(most)s, against %(asked)s paid and owed."
    ),
    "law:compound-within-total": N_(
        "%(lent)s × (1 + %(ceiling)s × %(days)s / 365) = %(most)s, against %(asked)s paid and owed."
    ),
    "law:limitation-running": N_(
        "Counted from %(started_on)s, that day left out, for %(years)s years: %(ends_on)s is the last day."
    ),
    "law:limitation-passed": N_(
        "Counted from %(started_on)s, that day left out, for %(years)s years: %(ends_on)s is the last day."
    ),
    "law:plan-rate-within-ceiling": N_("%(rate)s against the ceiling of %(ceiling)s."),
    "law:plan-rate-above-ceiling": N_("%(rate)s against the ceiling of %(ceiling)s."),
    "law:default-rate-within-ceiling": N_("%(rate)s against the ceiling of %(ceiling)s."),
    "law:default-rate-above-ceiling": N_("%(rate)s against the ceiling of %(ceiling)s."),
    "law:plan-rate-within-four-lpr": N_("%(rate)s against 4 × one-year LPR %(lpr)s of %(lpr_on)s = %(ceiling)s."),
    "law:plan-rate-above-four-lpr": N_("%(rate)s against 4 × one-year LPR %(lpr)s of %(lpr_on)s = %(ceiling)s."),
    "law:default-rate-within-four-lpr": N_("%(rate)s against 4 × one-year LPR %(lpr)s of %(lpr_on)s = %(ceiling)s."),
    "law:default-rate-above-four-lpr": N_("%(rate)s against 4 × one-year LPR %(lpr)s of %(lpr_on)s = %(ceiling)s."),
    "law:excess-carried": N_("%(total_rate)s against the ceiling of %(ceiling)s."),
    "law:plan-above-recast": N_(
        "%(agreed)s - %(recast)s = %(difference)s; yearly cost %(total_rate)s, recast at %(ceiling)s."
    ),
    "law:plan-within-recast": N_("%(agreed)s against %(recast)s, recast at %(ceiling)s."),
    "law:confirmation-open": N_("%(effective_on)s + %(days)s days = %(last_day)s."),
    "law:confirmation-over": N_("%(effective_on)s + %(days)s days = %(last_day)s."),
}
