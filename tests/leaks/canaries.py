"""A history with a secret of each kind planted in it, and everywhere that anybody can look."""

import re
from dataclasses import dataclass, field
from decimal import Decimal

from sqlalchemy import select

from mediation import i18n, posting
from mediation.cases.identities import give_identity
from mediation.cases.models import Case
from mediation.disclosures.document_models import Audience, Document
from mediation.disclosures.models import Section
from mediation.disclosures.sharing import Readers
from mediation.messages import actions as messages
from mediation.notices import Notice
from mediation.offers.actions import decline_offer
from mediation.rules.access import Room
from tests.disclosures.household import given, keep, said, share
from tests.disclosures.household import state as state_means
from tests.documents.made import a_pdf, add
from tests.house import ACTORS, House
from tests.invitations.scenes import an_invitation
from tests.offers.table import CLAIM, make, terms
from tests.rights.walk import doors
from tests.stories import ID_NUMBER

HELD_TOTAL = CLAIM - 81_719
ADDRESS = "江城市湖滨路8号canaryaddress"
# Each secret: how it would be written wherever it came to light, and who may see it.
SAID = {
    "borrower's caucus": ("canaryborrowercaucus", {"borrower", "mediator"}),
    "lender's caucus": ("canarylendercaucus", {"officer", "mediator"}),
    "mediator's notes": ("canarymediatornotes", {"mediator"}),
    "joint room": ("canaryjointroom", {"borrower", "officer", "mediator"}),
}
MEANS = {"released income": "61,728.93", "spending in summary": "4,938.27", "savings in a draft": "83,950.61"}
# A question of the statement of means that has a secret in it.
ANSWERS = {"section": "spending", "question": "food"}
REASON = ("canaryreasonofdeclining", {"borrower", "officer", "mediator"})


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
        with world.seat(speakers[name], number) as seat:
            messages.send_message(seat, rooms[name], text, at=world.clock())
        planted.secrets[name] = ((text,), readers)
    with world.seat("bai", number) as seat:
        decline_offer(seat, house.ids["open"]["offer_id"], reason=REASON[0], at=world.clock())
        give_identity(seat, name="白露", number=ID_NUMBER, address=ADDRESS, at=world.clock())
    planted.secrets["reason of declining"] = ((REASON[0],), REASON[1])
    planted.secrets["identity number"] = ((ID_NUMBER,), {"borrower"})
    planted.secrets["service address"] = (("canaryaddress",), {"borrower"})
    make(world, number, "lu", _held_terms())
    planted.secrets["held plan"] = (_written(HELD_TOTAL), {"officer"})
    _plant_papers(planted)
    _plant_means(planted)
    _plant_code(planted)
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


def _plant_papers(planted: Planted) -> None:
    """Each side shows the mediator a document in private; the title and the file both tell."""
    for name, actor, canary in (("bai", "borrower", "canaryborrowerpaper"), ("lu", "officer", "canarylenderpaper")):
        content = a_pdf(f"{canary} inside", compress_streams=False)
        add(planted.house.world, planted.number, name, content, title=canary, audience=Audience.MEDIATOR)
        planted.secrets[f"{actor}'s paper"] = ((canary,), {actor, "mediator"})


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


def _addresses(planted: Planted) -> list[str]:
    found = []
    for door in doors(planted.house):
        for number in (planted.number, planted.house.cases["with a code"]) if door.is_of_a_case else ("",):
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
    return [*found, *rooms, *means, *_offers(planted), *_papers(planted)]


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


def _asked() -> list[str]:
    asked = [f"/docket?q={text}" for text, _ in SAID.values()] + [f"/docket?q={ID_NUMBER}", "/docket?q=canaryaddress"]
    threads = ("case", "caucus-borrower", "caucus-lender", "mediator-notes")
    return asked + [f"/cases/WH-2025-90003/record?thread={thread}" for thread in threads]


ALL = tuple(ACTORS)
