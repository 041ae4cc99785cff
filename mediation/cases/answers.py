"""The borrower's answer to the invitation: consent for each purpose on its own, or no, without a reason."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from mediation import audit
from mediation.accounts import credentials
from mediation.accounts.models import Account
from mediation.cases import moves, telling
from mediation.cases.consents import NEEDED
from mediation.cases.invitations import TOLD, current_invitation, end, stop_notices
from mediation.cases.invited import may_use_codes
from mediation.cases.models import Consent, CourtStatus, Declination, DeclineReason, Invitation, Purpose
from mediation.cases.seats import Seat
from mediation.errors import Refused
from mediation.files import store_row
from mediation.rules.access import Role
from mediation.rules.lifecycle import Move


@dataclass(frozen=True)
class Joining:
    """What the borrower said on joining: the exact words of each purpose said yes to, and the rest."""

    words: Mapping[Purpose, str]
    court_status: CourtStatus
    locale: str
    password_hash: str | None = None


def join_mediation(seat: Seat, joining: Joining, *, at: datetime) -> None:
    """The borrower takes part; the code is used up."""
    seat.require("invitation:answer")
    invitation = _answerable(seat, at)
    _check_purposes(joining)
    hashes = {purpose: _kept_text(seat, words, at) for purpose, words in joining.words.items()}
    _keep_consents(seat, hashes, at)
    _keep_account(seat, joining, at)
    seat.case.borrower_court_status = joining.court_status
    invitation.used_at = at
    stop_notices(seat.session, invitation, at)
    seat = moves.move(seat, Move.JOIN, at=at)
    moves.await_turn(seat.case, Role.REGISTRAR, until=None, kind="", at=at)
    purposes = {purpose.value: text for purpose, text in sorted(hashes.items())}
    audit.record(seat, "consent:given", {"purposes": purposes, "court": joining.court_status.value}, at=at)
    telling.tell_roles(seat.session, seat.case, "borrower:joined", TOLD, at=at)


def decline_invitation(seat: Seat, reason: DeclineReason | None, *, at: datetime) -> None:
    """The borrower does not take part; the reason, if there is one, is on no record and nobody's to see."""
    seat.require("invitation:answer")
    invitation = _answerable(seat, at)
    assert seat.account_id is not None
    seat.session.add(Declination(case_id=seat.case_id, account_id=seat.account_id, reason=reason, declined_at=at))
    end(invitation, "declined", at)
    stop_notices(seat.session, invitation, at)
    seat.case.closing_reason = "declined"
    seat = moves.move(seat, Move.DECLINE, at=at)
    audit.record(seat, "invitation:declined", {"notice": invitation.number}, at=at)
    telling.tell_roles(seat.session, seat.case, "invitation:declined", TOLD, at=at)


def _answerable(seat: Seat, at: datetime) -> Invitation:
    """The invitation that this borrower may still answer, however late the worker is."""
    invitation = current_invitation(seat.session, seat.case_id)
    if invitation is None or invitation.ended_at or invitation.used_at or invitation.account_id != seat.account_id:
        raise Refused("invitation:code-ended")
    if at >= invitation.expires_at:
        raise Refused("invitation:lapsed")
    return invitation


def _check_purposes(joining: Joining) -> None:
    for purpose in NEEDED:
        if purpose not in joining.words:
            raise Refused("consent:needed", field=purpose.value)


def _keep_consents(seat: Seat, hashes: Mapping[Purpose, str], at: datetime) -> None:
    for purpose, sha256 in hashes.items():
        seat.session.add(
            Consent(case_id=seat.case_id, account_id=seat.account_id, purpose=purpose, text_sha256=sha256, given_at=at)
        )
    seat.session.flush()


def _keep_account(seat: Seat, joining: Joining, at: datetime) -> None:
    assert seat.account_id is not None
    account = seat.session.get_one(Account, seat.account_id)
    account.locale = joining.locale
    if joining.password_hash is not None:
        credentials.set_password(seat.session, account.id, joining.password_hash, at=at)
    elif account.password_hash is None and not may_use_codes(account):
        raise Refused("consent:password-needed", field="password")


def _kept_text(seat: Seat, words: str, at: datetime) -> str:
    """The words themselves are on file under their hash, so that what was agreed to can be shown in years."""
    text = words.encode()
    return store_row(seat.session, text, institution_id=seat.institution_id, media_type="text/plain", at=at).sha256
