"""A side states what the loan contract provides; its newest word stands, and the older ones are kept."""

import hashlib
from dataclasses import asdict
from datetime import date, datetime

from mediation import audit
from mediation.cases import contracts
from mediation.cases.contract_models import ContractStatement
from mediation.cases.contracts import AMOUNTS, Stated
from mediation.cases.moves import local_day
from mediation.cases.seats import Seat
from mediation.errors import Refused
from mediation.rules import chain
from mediation.rules.loans import MOST_INSTALMENTS
from mediation.rules.money import check_amount


def state_contract(seat: Seat, stated: Stated, *, at: datetime) -> ContractStatement:
    """This side's newest word on the contract stands beside the other side's."""
    seat.require("contract:state")
    assert seat.side is not None
    assert seat.account_id is not None
    _check(stated, seat.case.currency, local_day(seat.case, at))
    kept = contracts.statement_of(seat, seat.side)
    if kept is not None and contracts.stated_in(kept) == stated:
        return kept
    row = ContractStatement(
        case_id=seat.case_id,
        side=seat.side,
        version=1 if kept is None else kept.version + 1,
        stated_by=seat.account_id,
        stated_at=at,
        **asdict(stated),
    )
    seat.session.add(row)
    seat.session.flush()
    body = {"side": seat.side.value, "version": row.version, "sha256": _sha256(stated)}
    audit.record(seat, "contract:stated", body, at=at)
    return row


def _check(stated: Stated, currency: str, today: date) -> None:
    for name in AMOUNTS:
        amount = getattr(stated, name)
        if amount is not None:
            check_amount(amount, field=name, currency=currency)
            if amount < 0:
                raise Refused("money:negative", field=name)
    if stated.instalments is not None and not 1 <= stated.instalments <= MOST_INSTALMENTS:
        raise Refused("plan:instalments-out-of-range", field="instalments", least=1, most=MOST_INSTALMENTS)
    most = stated.instalments or MOST_INSTALMENTS
    if stated.paid_count is not None and not 0 <= stated.paid_count <= most:
        raise Refused("contract:paid-out-of-range", field="paid_count", most=most)
    if stated.fee_each and stated.fee_each > (stated.instalment or 0):
        raise Refused("contract:fee-above-instalment", field="fee_each")
    lent = stated.disbursed if stated.disbursed is not None else stated.principal
    if stated.fee_up_front and lent is not None and stated.fee_up_front >= lent:
        raise Refused("contract:fee-above-loan", field="fee_up_front")
    for name in ("contract_on", "last_act_on"):
        day = getattr(stated, name)
        if day is not None and day > today:
            raise Refused("contract:day-in-future", field=name)
    if (stated.last_act is None) != (stated.last_act_on is None):
        raise Refused("contract:act-needs-day", field="last_act_on")


def _sha256(stated: Stated) -> str:
    said = {name: value if isinstance(value, int) else str(value) for name, value in asdict(stated).items()}
    return hashlib.sha256(chain.canonical({name: value for name, value in said.items() if value != "None"})).hexdigest()
