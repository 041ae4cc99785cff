"""The sentence for every no that an offer can meet."""

from mediation.i18n import N_

SENTENCES = {
    "offer:waiting-for-answer": N_("Your side's plan still waits for an answer, until %(lapses_at)s at the latest. "
                                   "Take it back first if you want to put forward another one."),
    "offer:still-held": N_("Your side has put forward a plan that is shown at %(shows_at)s. "
                           "Take it back first if you want to put forward another one."),
    "offer:round-limit": N_("Your side has put forward %(limit)s plans, which is as many as one side may. "
                            "The mediator will speak with you about how to go on."),
    "offer:final-said": N_("Your side has said its last word here, so it puts forward no other plan. It may still "
                           "answer what the other side or the mediator puts forward."),
    "offer:reason-missing": N_("Say why your side does not accept a plan that the borrower says can be paid."),
    "offer:own": N_("A plan is answered by the other side, not by the side that made it."),
    "offer:not-yours": N_("Only the side that made a plan can take it back."),
    "offer:take-back-first": N_("Your side has put forward changes that are shown at %(shows_at)s. "
                                "Take them back first, then answer this plan."),
    "offer:changed": N_("What you saw is not the plan that lies here now. Read it again, then decide."),
    "offer:you-have-accepted": N_("You have accepted this plan already. It is agreed once your whole side has."),
    "offer:not-a-signer": N_("Somebody else signs for your side, so somebody else has to answer this plan."),
    "offer:accepted": N_("This plan was accepted on %(closed_at)s. It has no effect until it is signed."),
    "offer:countered": N_("Changes to this plan were proposed on %(closed_at)s, so it can no longer be answered."),
    "offer:declined": N_("This plan was turned down on %(closed_at)s, so it can no longer be answered."),
    "offer:withdrawn": N_("This plan was taken back on %(closed_at)s, so it can no longer be answered."),
    "offer:lapsed": N_("The time to answer this plan ended at %(closed_at)s. A new plan can be put forward."),
    "offer:superseded": N_("A newer plan or a newer claim took the place of this one on %(closed_at)s."),
    "offer:void": N_("This plan has not stood since %(closed_at)s."),
    "negotiation:changed": N_("The plans have changed since this page was opened. Nothing was sent; what you wrote "
                              "is still here. Read what changed, then decide."),
    "plan:blocked-by-law": N_("This plan asks for more than the law lets anybody promise: %(citation)s. What the law "
                              "says stands below; change the plan first."),
    "plan:other-claim-version": N_("The claim has a newer version. Check the figures again, then send."),
    "plan:other-currency": N_("A plan is made in the currency of the claim, %(currency)s."),
    "plan:waiver-out-of-range": N_("At most %(most)s can be waived here."),
    "plan:total-differs": N_("With what is waived, the amount agreed comes to %(agreed)s. Change one of the two, or "
                             "leave this empty."),
    "plan:total-above-claim": N_("The amount agreed cannot be higher than the claim, %(most)s."),
    "plan:total-not-positive": N_("Something must be left to pay; for a full waiver, ask the mediator."),
    "plan:first-date-too-early": N_("The first payment can be on %(earliest)s at the earliest."),
    "plan:first-date-too-late": N_("The first payment can be on %(latest)s at the latest."),
    "plan:instalments-missing": N_("Fill in the number of instalments."),
    "plan:instalments-out-of-range": N_("Choose between %(least)s and %(most)s instalments."),
    "plan:instalment-too-small": N_("Each instalment would be too small. Choose fewer of them."),
    "plan:last-instalment-too-large": N_("By rounding, the last instalment would be far larger than the others. "
                                         "Choose another number of instalments."),
    "plan:cap-too-small": N_("With %(cap)s each time, the plan would be longer than allowed. Choose a higher amount, "
                             "or ask the mediator."),
    "plan:rate-out-of-range": N_("The rate lies between 0 and 100%% a year."),
    "plan:rate-too-fine": N_("Write the rate with at most four decimals of a per cent."),
    "plan:grace-periods-out-of-range": N_("Here, a gentler start lasts from %(least)s to %(most)s instalments."),
    "plan:grace-needs-rate": N_("At first interest alone makes sense only where the plan bears interest."),
    "plan:disputed-out-of-range": N_("At most %(most)s can be left open here."),
    "plan:down-payment-out-of-range": N_("The down payment can be at most %(most)s."),
    "plan:down-payment-missing": N_("Fill in the amount of the down payment, or remove its date."),
    "plan:down-payment-day-missing": N_("Fill in the day of the down payment."),
    "plan:down-payment-too-early": N_("The down payment can be on %(earliest)s at the earliest."),
    "plan:down-payment-too-late": N_("The down payment comes before the first instalment, on %(latest)s at the "
                                     "latest."),
    "plan:balloon-out-of-range": N_("At most %(most)s can be left for the last instalment."),
    "plan:steps-out-of-range": N_("Choose between %(least)s and %(most)s first instalments of another amount."),
    "plan:steps-missing": N_("Fill in for how many first instalments this amount holds."),
    "plan:step-amount-missing": N_("Fill in the amount of the first instalments."),
    "plan:step-amount-too-small": N_("The first instalments would not cover the interest. Choose a higher amount."),
    "plan:step-amount-too-large": N_("The first instalments would leave nothing for the others. Choose a lower "
                                     "amount."),
    "plan:steps-with-grace": N_("Choose either interest alone at first, or first instalments of another amount."),
    "plan:steps-with-equal-principal": N_("First instalments of another amount go only with equal instalments."),
    "plan:calendar-missing": N_("Without a calendar of working days, payments cannot be moved to the next working "
                                "day."),
    "waterfall:order-incomplete": N_("The order of payment names fees, interest, penalty and principal once each."),
    "plan:unknown-document": N_("This plan was kept by a newer version of this site and cannot be shown here."),
    "plan:damaged-document": N_("This plan cannot be read. Tell the institution; nothing about it has changed."),
}  # fmt: skip
