"""The forms by which a case is opened, registered and ended."""

import re
from typing import Any

from wtforms import BooleanField, DateField, HiddenField, RadioField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from mediation.cases.claims import COMPONENTS, Claimed, Contact, Opening, Standstill
from mediation.cases.contacts import read_email, read_telephone
from mediation.cases.models import Claim, ClaimBasis, CourtStatus
from mediation.cases.seats import Seat
from mediation.errors import Refused
from mediation.i18n import N_
from mediation.portfolios.models import Loan
from mediation.web.forms import Form, MoneyField

_TAIL = re.compile(r"[0-9A-Za-z]{4}")
YES_NO = [("yes", N_("Yes")), ("no", N_("No"))]
RUNS = [("no", N_("Stops while mediation lasts")), ("yes", N_("Goes on"))]


def _basis(label: str) -> TextAreaField:
    return TextAreaField(label, validators=[Length(max=500)])


def _amount(label: str) -> MoneyField:
    return MoneyField(label, may_be_empty=True)


class OpeningForm(Form):
    """The claim, the standstill and the way to the borrower, as the lender states them."""

    currency = HiddenField(validators=[InputRequired(), Length(max=3)])
    borrower_name = StringField(N_("Borrower's name"), validators=[InputRequired(), Length(max=120)])
    borrower_phone = StringField(N_("Borrower's telephone"), validators=[Length(max=40)])
    borrower_email = StringField(N_("Borrower's e-mail address"), validators=[Length(max=200)])
    by_letter = BooleanField(N_("Only a letter reaches the borrower"))
    id_tail = StringField(N_("Last 4 characters of the borrower's identity number"), validators=[Length(max=8)])
    as_of_on = DateField(N_("The figures stand as of"), validators=[InputRequired()])
    principal_due = _amount(N_("Principal already due"))
    principal_not_due = _amount(N_("Principal not yet due"))
    principal_basis = _basis(N_("Basis of the principal"))
    interest = _amount(N_("Interest claimed"))
    interest_basis = _basis(N_("Basis of the interest"))
    penalty = _amount(N_("Penalty claimed"))
    penalty_basis = _basis(N_("Basis of the penalty"))
    fees = _amount(N_("Fees claimed"))
    fees_basis = _basis(N_("Basis of the fees"))
    accelerated = RadioField(
        N_("Has the borrower been told that the whole loan is due early?"), choices=YES_NO, validators=[InputRequired()]
    )
    basis = RadioField(
        N_("On what ground do you claim?"),
        choices=[
            (ClaimBasis.ORIGINAL.value, N_("We made the loan")),
            (ClaimBasis.ASSIGNED.value, N_("The claim was assigned to us")),
            (ClaimBasis.SUBROGATED.value, N_("We paid for the borrower and took over the claim")),
            (ClaimBasis.ENTRUSTED.value, N_("The creditor entrusted us")),
        ],
        validators=[InputRequired()],
    )
    original_lender = StringField(N_("Original lender"), validators=[Length(max=200)])
    original_contract = StringField(N_("Original contract number"), validators=[Length(max=120)])
    court_status = RadioField(
        N_("Is a court dealing with it already?"),
        choices=[
            (CourtStatus.NONE.value, N_("No court is dealing with it")),
            (CourtStatus.FILED.value, N_("A claim has been filed")),
            (CourtStatus.JUDGMENT.value, N_("There is a judgment")),
            (CourtStatus.ENFORCEMENT.value, N_("It is being enforced")),
        ],
        validators=[InputRequired()],
    )
    collection_paused = BooleanField(N_("We pause all our own collection of this debt while mediation lasts"))
    outsourcing_paused = BooleanField(N_("We call back this debt from every outside collector meanwhile"))
    assignment_paused = BooleanField(N_("We do not assign this claim meanwhile"))
    interest_runs = RadioField(N_("Interest meanwhile"), choices=RUNS, validators=[Optional()])
    penalty_runs = RadioField(N_("Penalty meanwhile"), choices=RUNS, validators=[Optional()])
    act = HiddenField()

    def validate(self, extra_validators: Any = None) -> bool:
        """Read every amount in the currency of the loan, which the page carries and the action compares."""
        for name in COMPONENTS:
            self[name].currency = self.currency.data or ""
        return bool(super().validate(extra_validators))

    @property
    def is_submission(self) -> bool:
        """Whether the case goes to the institution now."""
        return bool(self.act.data == "submit")

    def opening(self) -> Opening:
        """What the lender states, as values; refused where a contact cannot be read."""
        return Opening(
            claim=self._claimed(),
            contact=self._contact(),
            court_status=CourtStatus(self.court_status.data),
            standstill=Standstill(
                collection_paused=self.collection_paused.data,
                outsourcing_paused=self.outsourcing_paused.data,
                assignment_paused=self.assignment_paused.data,
                interest_runs=_said(self.interest_runs.data),
                penalty_runs=_said(self.penalty_runs.data),
            ),
        )

    def show_loan(self, loan: Loan, lender: str) -> None:
        """What the lender's own file says; what it lacks stays empty and is asked."""
        self.currency.data = loan.currency
        self.borrower_name.data, self.borrower_phone.data = loan.borrower_name, loan.phone
        self.borrower_email.data, self.id_tail.data = loan.email, loan.id_tail
        self.original_lender.data = loan.original_lender or lender
        self.original_contract.data = loan.original_contract or loan.contract_number
        self._show_amounts(loan.currency, interest=loan.interest_due, penalty=loan.penalty_due, fees=loan.fees_due)

    def show_draft(self, seat: Seat, claim: Claim, loan: Loan) -> None:
        """The draft as it was last kept; an amount of nothing is asked again."""
        case = seat.case
        self.currency.data, self.court_status.data = case.currency, case.court_status.value
        self.borrower_name.data, self.borrower_phone.data = case.borrower_name, case.borrower_phone
        self.borrower_email.data, self.id_tail.data = case.borrower_email, loan.id_tail
        self.as_of_on.data, self.basis.data = claim.as_of_on, claim.basis.value
        self.accelerated.data = "yes" if claim.accelerated else "no"
        for name in ("principal_basis", "interest_basis", "penalty_basis", "fees_basis"):
            self[name].data = getattr(claim, name)
        self.original_lender.data, self.original_contract.data = claim.original_lender, claim.original_contract
        self._show_amounts(case.currency, **{name: getattr(claim, name) or None for name in COMPONENTS})

    def _show_amounts(self, currency: str, **amounts: int | None) -> None:
        for name in COMPONENTS:
            self[name].currency = currency
            self[name].show(amounts.get(name))

    def _claimed(self) -> Claimed:
        return Claimed(
            as_of_on=self.as_of_on.data,
            principal_due=self.principal_due.minor,
            principal_not_due=self.principal_not_due.minor,
            interest=self.interest.minor,
            penalty=self.penalty.minor,
            fees=self.fees.minor,
            principal_basis=_text(self.principal_basis),
            interest_basis=_text(self.interest_basis),
            penalty_basis=_text(self.penalty_basis),
            fees_basis=_text(self.fees_basis),
            accelerated=self.accelerated.data == "yes",
            basis=ClaimBasis(self.basis.data),
            original_lender=_text(self.original_lender),
            original_contract=_text(self.original_contract),
        )

    def _contact(self) -> Contact:
        phone, email, tail = _text(self.borrower_phone), _text(self.borrower_email), _text(self.id_tail)
        if tail and not _TAIL.fullmatch(tail):
            raise Refused("contact:id-tail-not-valid", field="id_tail")
        return Contact(
            name=_text(self.borrower_name),
            phone=read_telephone(phone, field="borrower_phone"),
            email=read_email(email, field="borrower_email"),
            by_letter=self.by_letter.data,
            id_tail=tail.upper(),
        )


class RejectionForm(Form):
    """Why the institution does not take the case."""

    reason = TextAreaField(N_("Why the case is not accepted"), validators=[InputRequired(), Length(max=2000)])


class CapacityForm(Form):
    """Whose capacity is in question."""

    side = RadioField(
        N_("About which side?"),
        choices=[("borrower", N_("The borrower")), ("lender", N_("The lender"))],
        validators=[InputRequired()],
    )


class ConfirmationForm(Form):
    """A deed that needs no more than the press of its button."""


def _said(answer: str | None) -> bool | None:
    return None if answer not in ("yes", "no") else answer == "yes"


def _text(field: Any) -> str:
    return (field.data or "").strip()
