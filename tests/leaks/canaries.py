"""A history with a secret of each kind planted in it, and everywhere that anybody can look."""

import re
from dataclasses import dataclass, field
from decimal import Decimal

from sqlalchemy import select

from mediation import i18n, posting
from mediation.cases.advice import give_advice
from mediation.cases.identities import give_identity
from mediation.cases.models import Case
from mediation.cases.objections import object_with_reason
from mediation.disclosures.conduct_models import ConductReport
from mediation.disclosures.document_models import Audience, Document
from mediation.disclosures.fact_models import SealedFact
from mediation.disclosures.models import Section
from mediation.disclosures.sharing import Readers
from mediation.messages import actions as messages
from mediation.notices import Notice
from mediation.offers.actions import decline_offer
from mediation.rules.access import Room
from tests.conduct.reporting import answer as answer_conduct
from tests.conduct.reporting import report as report_conduct
from tests.disclosures.household import given, keep, said, share
from tests.disclosures.household import state as state_means
from tests.documents.made import a_pdf, add
from tests.facts import told
from tests.house import ACTORS, House
from tests.invitations.scenes import an_invitation
from tests.leaks import own_house
from tests.messages import talking
from tests.offers.table import CLAIM, make, terms
from tests.rights.walk import doors
from tests.sides.made import ask
from tests.stories import ID_NUMBER

ADVISERS_LETTER = "canaryadviser@example.org"
HELD_TOTAL = CLAIM - 81_719
ADDRESS = "江城市湖滨路8号canaryaddress"
# Each secret: how it would be written wherever it came to light, and who may see it.
SAID = {
    "borrower's caucus": ("canaryborrowercaucus", {"borrower", "mediator", "adviser"}),
    "lender's caucus": ("canarylendercaucus", {"officer", "mediator"}),
    "mediator's notes": ("canarymediatornotes", {"mediator"}),
    "joint room": ("canaryjointroom", {"borrower", "officer", "mediator", "adviser"}),
}
MEANS = {"released income": "61,728.93", "spending in summary": "4,938.27", "savings in a draft": "83,950.61"}
# A question of the statement of means that has a secret in it.
ANSWERS = {"section": "spending", "question": "food"}
REASON = ("canaryreasonofdeclining", {"borrower", "mediator", "adviser"})


@dataclass
class Planted:
    """The house with its secrets: name -> (every way to write it, who may see it)."""

    house: House
    number: str
    secrets: dict[str, tuple[tuple[str, ...], set[str]]] = field(default_factory=dict)


def plant(house: House) -> Planted:
    """Every secret is in its place."""
    world, number = house.world, house.cases["open"]
    planted = Planted(house, number)
    rooms = dict(zip(SAID, (Room.CAUCUS_BORROWER, Room.CAUCUS_LENDER, Room.NOTES, Room.JOINT), strict=True))
    speakers = dict(zip(SAID, ("bai", "lu", "mo", "bai"), strict=True))
    for name, (text, readers) in SAID.items():
        talking.say(world, number, speakers[name], rooms[name], text)
        planted.secrets[name] = ((text,), readers)
    with world.seat("bai", number) as seat:
        decline_offer(seat, house.ids["open"]["offer_id"], reason=REASON[0], at=world.clock())
        give_identity(seat, name="白露", number=ID_NUMBER, address=ADDRESS, at=world.clock())
    planted.secrets["reason of declining"] = ((REASON[0],), REASON[1])
    planted.secrets["identity number"] = ((ID_NUMBER,), {"borrower"})
    planted.secrets["service address"] = (("canaryaddress",), {"borrower"})
    make(world, number, "lu", _held_terms())
    planted.secrets["held plan"] = (_written(HELD_TOTAL), {"officer"})
    _plant_unsent(planted)
    _plant_papers(planted)
    _plant_conduct(planted)
    _plant_facts(planted)
    _plant_means(planted)
    _plant_code(planted)
    _plant_advice(planted)
    _plant_limits(planted)
    _plant_objection(planted)
    return planted


def pages_read_by(planted: Planted, actor: str) -> dict[str, str]:
    """Every page at every address that this actor can think of, in both languages' own forms."""
    house, client = planted.house, planted.house.world.app.test_client(use_cookies=False)
    found = {}
    for path in sorted({*_addresses(planted), *_asked()}):
        response = client.get(path, headers=house.cookie_of(actor))
        found[path] = response.get_data().decode("utf-8", "replace")
        response.close()
    return found


def letters(planted: Planted) -> dict[str, list[str]]:
    """Every notice in words, by the sign-in name of the person or the address that it goes to."""
    found: dict[str, list[str]] = {}
    names = {account: name for name, account in planted.house.world.people.items()}
    with planted.house.world.reading() as session:
        for notice in session.scalars(select(Notice)):
            for locale in ("zh_Hans", "en"):
                letter = posting.letter_of(session, notice, locale=locale, public_url="http://localhost")
                whole = "\n".join((letter.subject, letter.text, letter.html))
                found.setdefault(names.get(notice.account_id, notice.address), []).append(whole)
    return found


def seen_in(text: str, written: tuple[str, ...]) -> bool:
    """Whether a secret stands in a text in any of its ways."""
    return any(one in text for one in written)


def _held_terms():  # type: ignore[no-untyped-def]
    from mediation.rules.plans import Waivers

    return terms(7, waived=Waivers(penalty=53_027, interest=28_692))


def _written(amount: int) -> tuple[str, ...]:
    plain = Decimal(amount) / 100
    return (f"{plain:,.2f}", f"{plain:.2f}", str(amount), i18n.money(amount, "CNY", "zh_Hans"))


def _plant_unsent(planted: Planted) -> None:
    """The borrower may still take back what was sent just now, and has typed something more."""
    with planted.house.world.seat("bai", planted.number) as seat:
        messages.send_message(seat, Room.JOINT, "canarymessagethatwaits", at=planted.house.world.clock())
        messages.keep_draft(seat, Room.JOINT, "canarydraftofmessage", page="", seen="", at=planted.house.world.clock())
    planted.secrets["message that waits"] = (("canarymessagethatwaits",), {"borrower"})
    planted.secrets["draft of a message"] = (("canarydraftofmessage",), {"borrower"})


def _plant_papers(planted: Planted) -> None:
    """Each side shows the mediator a document in private; the title and the file both tell."""
    for name, actor, canary in (("bai", "borrower", "canaryborrowerpaper"), ("lu", "officer", "canarylenderpaper")):
        content = a_pdf(f"{canary} inside", compress_streams=False)
        add(planted.house.world, planted.number, name, content, title=canary, audience=Audience.MEDIATOR)
        planted.secrets[f"{actor}'s paper"] = ((canary,), {actor, "mediator"})
    planted.secrets["borrower's paper"][1].add("adviser")


def _plant_facts(planted: Planted) -> None:
    """Each side tells the mediator something in confidence, and of one thing only that it was verified is let out."""
    world, number = planted.house.world, planted.number
    for name, actor, canary in (("bai", "borrower", "canaryborrowerfact"), ("lu", "officer", "canarylenderfact")):
        told.tell(world, number, name, title=f"{canary} title", text=f"{canary} text")
        planted.secrets[f"{actor}'s fact"] = ((canary,), {actor, "mediator"})
    verified = told.tell(world, number, "bai", title="canaryverifiedtitle", text="canaryverifiedtitle and text")
    told.prove(world, number, verified)
    told.let_know(world, number, verified, words="canaryverifiedwords")
    planted.secrets["what was verified"] = (("canaryverifiedtitle",), {"borrower", "mediator"})
    planted.secrets["words for it"] = (("canaryverifiedwords",), {"borrower", "officer", "mediator"})


def _plant_conduct(planted: Planted) -> None:
    """The borrower reports to the registrar that payment was asked for; the registrar answers, and forwards nothing."""
    report_id = report_conduct(planted.house.world, planted.number, what="canaryconductreport")
    answer_conduct(planted.house.world, planted.number, report_id, text="canaryconductanswer")
    for name, text in (("report of conduct", "canaryconductreport"), ("answer to a report", "canaryconductanswer")):
        planted.secrets[name] = ((text,), {"borrower", "registrar"})


def _plant_means(planted: Planted) -> None:
    """Income in full to the lender, spending in summary, a hardship to the mediator alone, savings in a draft."""
    world, number = planted.house.world, planted.number
    keep(world, number, Section.INCOME, "wage", given(MEANS["released income"]))
    keep(world, number, Section.SPENDING, "food", given(MEANS["spending in summary"]))
    keep(world, number, Section.HARDSHIP, "text", said("canaryhardship"))
    share(world, number, {Section.INCOME: Readers.FULL, Section.SPENDING: Readers.SUMMARY})
    state_means(world, number)
    keep(world, number, Section.SAVINGS, "savings", given(MEANS["savings in a draft"]))
    planted.secrets["hardship"] = (("canaryhardship",), {"borrower", "mediator"})
    readers = ({"borrower", "mediator", "officer"}, {"borrower", "mediator"}, {"borrower"})
    for (name, amount), who in zip(MEANS.items(), readers, strict=True):
        planted.secrets[name] = (_written(int(re.sub(r"\D", "", amount))), who)


def _plant_code(planted: Planted) -> None:
    sent = an_invitation(planted.house.world, contract="C-code")
    flat = re.sub(r"\W", "", sent.code)
    planted.secrets["join code"] = ((sent.code, flat), {"registrar"})
    planted.house.cases["with a code"] = sent.case


def _plant_objection(planted: Planted) -> None:
    """The lender objects to the mediator with a reason, which is between it and the registrar."""
    with planted.house.world.seat("lu", planted.number) as seat:
        object_with_reason(seat, "canaryobjection", at=planted.house.world.clock())
    planted.secrets["reason of an objection"] = (("canaryobjection",), {"officer", "registrar"})


def _plant_advice(planted: Planted) -> None:
    """The borrower's adviser advises, and one more is invited whose code nobody has used."""
    world, number = planted.house.world, planted.number
    with world.seat("an", number) as seat:
        give_advice(seat, "canaryadvice", at=world.clock())
    sent = ask(world, number, email=ADVISERS_LETTER)
    planted.secrets["advice"] = (("canaryadvice",), {"borrower", "adviser"})
    planted.secrets["adviser's code"] = ((sent.code, re.sub(r"\W", "", sent.code)), {"borrower"})


def _plant_limits(planted: Planted) -> None:
    """What the lender's officers alone know, in a case of its own."""
    planted.house.cases["with limits"] = own_house.plant_limits(planted.house.world)
    planted.secrets["limits"] = (own_house.WRITTEN, {"officer"})
    planted.secrets["asked plan"] = (_written(own_house.ASKED_TOTAL), {"officer"})
    planted.secrets["reason of returning"] = ((own_house.RETURNED,), {"officer"})


def _addresses(planted: Planted) -> list[str]:
    found = []
    for door in doors(planted.house):
        cases = (planted.number, planted.house.cases["with a code"], planted.house.cases["with limits"])
        for number in cases if door.is_of_a_case else ("",):
            if door.method == "GET":
                values = {"number": number, **{k: str(v) for k, v in planted.house.ids["open"].items()}}
                for room in Room if "room" in door.arguments else ["-"]:
                    found.append(
                        re.sub(
                            r"<(?:\w+:)?(\w+)>",
                            lambda at, v=values, r=room: str({**v, **ANSWERS, "room": r}.get(at[1], "x")),
                            door.rule,
                        )
                    )
    rooms = [f"/cases/{planted.number}/rooms?room={room.value}" for room in Room]
    means = [f"/cases/{planted.number}/means/{each}" for each in ("savings", "savings/savings", "hardship/text")]
    own = [f"/cases/{planted.house.cases['with limits']}{one}" for one in own_house.approvals_of(planted.house.world)]
    return [*found, *rooms, *means, *own, *_offers(planted), *_papers(planted), *_facts(planted), *_reports(planted)]


def _offers(planted: Planted) -> list[str]:
    """Everything on the table at its own address, which the other side may have guessed."""
    from mediation.offers.models import Offer

    with planted.house.world.reading() as session:
        found = select(Offer.id).join(Case, Case.id == Offer.case_id).where(Case.number == planted.number)
        ids = session.scalars(found).all()
    return [f"/cases/{planted.number}/offers/{one}{ending}" for one in ids for ending in ("", "/sent")]


def _papers(planted: Planted) -> list[str]:
    """Every document and its file at its own address."""
    with planted.house.world.reading() as session:
        found = select(Document.id).join(Case, Case.id == Document.case_id).where(Case.number == planted.number)
        ids = session.scalars(found).all()
    return [f"/cases/{planted.number}/documents/{one}{ending}" for one in ids for ending in ("", "/file")]


def _facts(planted: Planted) -> list[str]:
    """Everything told in confidence at its own address, and where it would be opened."""
    with planted.house.world.reading() as session:
        ids = session.scalars(select(SealedFact.id)).all()
    return [f"/cases/{planted.number}/facts/{one}{each}" for one in ids for each in ("", "/sharing", "/verification")]


def _reports(planted: Planted) -> list[str]:
    """Every report of conduct at its own address."""
    with planted.house.world.reading() as session:
        found = select(ConductReport.id).join(Case, Case.id == ConductReport.case_id)
        ids = session.scalars(found.where(Case.number == planted.number)).all()
    return [f"/cases/{planted.number}/conduct/{one}{ending}" for one in ids for ending in ("", "/proof")]


def _asked() -> list[str]:
    asked = [f"/docket?q={text}" for text, _ in SAID.values()] + [f"/docket?q={ID_NUMBER}", "/docket?q=canaryaddress"]
    threads = ("case", "caucus-borrower", "caucus-lender", "mediator-notes")
    return asked + [f"/cases/WH-2025-90003/record?thread={thread}" for thread in threads]


ALL = tuple(ACTORS)
