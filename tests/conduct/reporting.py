"""Reports made and dealt with, so that a test can say who did what in one line."""

from datetime import date
from uuid import UUID

from mediation import files
from mediation.disclosures import conduct
from mediation.disclosures.conduct import Proof, Told
from mediation.disclosures.conduct_models import Way
from tests.documents.made import a_pdf
from tests.world import World

DAY = date(2025, 9, 24)
WHAT = "两次打电话要我当天还款"


def report(
    world: World, number: str, name: str = "bai", *, what: str = WHAT, on: date = DAY, with_proof: bool = False,
    by_whom: str = "自称客服",
) -> UUID:  # fmt: skip
    """That person reports it to the registrar; the report's id."""
    with world.seat(name, number) as seat:
        proof = None
        if with_proof:
            kept = files.lay_down(seat.session, a_pdf("calls"), institution_id=seat.institution_id)
            proof = Proof(kept=kept, media_type="application/pdf")
        told = Told(way=Way.CALL, happened_on=on, what=what, by_whom=by_whom)
        return conduct.report_conduct(seat, told, proof=proof, at=world.clock()).id


def forward(world: World, number: str, report_id: UUID, name: str = "ren") -> None:
    """That person lays it before the lender."""
    with world.seat(name, number) as seat:
        conduct.forward_report(seat, report_id, at=world.clock())


def answer(
    world: World, number: str, report_id: UUID, name: str = "ren", *, text: str = "已与出借方核实并要求停止"
) -> None:
    """That person answers the borrower."""
    with world.seat(name, number) as seat:
        conduct.answer_report(seat, report_id, text, at=world.clock())
