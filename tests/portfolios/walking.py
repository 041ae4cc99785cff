"""A lender's officer in a browser, sending a file of loans and walking it in."""

import re
from dataclasses import dataclass, field
from uuid import UUID

from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from mediation.accounts import actions as accounts
from mediation.accounts.models import Organisation
from mediation.audit import RecordEntry
from mediation.portfolios.models import Loan, LoanImport
from mediation.rules.access import Role
from mediation.rules.lenders import LenderType
from tests.world import World, add_person


@dataclass
class Officer:
    """Somebody at a lender's desk, and the file that they are sending."""

    client: FlaskClient
    choices: dict[str, str] = field(default_factory=dict)
    place: str = ""
    page: str = ""

    def send(self, content: bytes, name: str = "loans.csv", *, key: str = "") -> TestResponse:
        """The file is uploaded; where it was taken, its columns page stands open."""
        body, kind = multipart(content, name, key)
        answer = self.client.post("/loans/imports", data=body, content_type=kind)
        if answer.status_code == 303:
            self.place = answer.location.removesuffix("/columns")
            self.read("columns")
            self.choices = chosen_in(self.page)
        return answer

    def read(self, part: str = "") -> str:
        """One of the pages of this import."""
        self.page = self.client.get(f"{self.place}/{part}" if part else self.place).get_data(as_text=True)
        return self.page

    def choose(self, **said: str) -> TestResponse:
        """The columns as the page has them, with what is said otherwise."""
        answer = self.client.post(f"{self.place}/columns", data={**self.choices, **said})
        self.page = answer.get_data(as_text=True)
        if answer.status_code == 303:
            self.read("preview")
        return answer

    def run(self, *, key: str = "", seen: str = "") -> TestResponse:
        """The import of what the preview showed."""
        found = re.search(r'name="seen" value="(\w+)"', self.page)
        said = seen or (found[1] if found else "")
        answer = self.client.post(f"{self.place}/run", data={"seen": said, "_key": key})
        if answer.status_code == 303:
            self.page = self.client.get(answer.location).get_data(as_text=True)
        return answer

    def bring(self, content: bytes, name: str = "loans.csv", **said: str) -> str:
        """The whole way in; the page at its end."""
        self.send(content, name)
        self.choose(**said)
        self.run()
        return self.page


def multipart(content: bytes, name: str, key: str) -> tuple[bytes, str]:
    """A form with one file as a browser sends it, and its content type."""
    mark = "----a-boundary-in-no-file"
    head = f'--{mark}\r\nContent-Disposition: form-data; name="_key"\r\n\r\n{key}\r\n--{mark}\r\n'
    head += f'Content-Disposition: form-data; name="file"; filename="{name}"\r\nContent-Type: text/csv\r\n\r\n'
    return head.encode() + content + f"\r\n--{mark}--\r\n".encode(), f"multipart/form-data; boundary={mark}"


def officer(world: World, name: str = "lu", *, language: str = "en") -> Officer:
    """That person at their desk."""
    return Officer(world.client(name, language=language))


def chosen_in(page: str) -> dict[str, str]:
    """What each select of the page has chosen."""
    found = re.findall(r'<select[^>]* name="([\w-]+)"[^>]*>(.*?)</select>', page, re.DOTALL)
    mark = re.compile(r'<option(?: selected value="([^"]*)"| value="([^"]*)" selected)')
    chosen = {name: mark.search(body) for name, body in found}
    return {name: (one[1] or one[2] or "") if one else "" for name, one in chosen.items()}


def tiles(page: str) -> list[str]:
    """The figures of a page."""
    return re.findall(r'<span class="tile-number">([^<]*)</span>', page)


def loans_of(world: World) -> dict[str, Loan]:
    """Every loan that there is, by its contract."""
    with world.reading() as session:
        return {loan.contract_number: loan for loan in session.scalars(select(Loan))}


def imports_of(world: World) -> list[LoanImport]:
    """Every import, the oldest first."""
    with world.reading() as session:
        return list(session.scalars(select(LoanImport).order_by(LoanImport.id)))


def entries_in(world: World) -> int:
    """How long the record of the institution is."""
    with world.reading() as session:
        return session.scalar(select(func.count()).select_from(RecordEntry)) or 0


def another_lender(world: World) -> UUID:
    """A second lender with its own officer, Wei."""
    with world.desk("ren") as desk:
        other = Organisation(name="河西小额贷款有限公司", credit_code="91420100MA4K000015", created_at=world.clock())
        desk.session.add(other)
        desk.session.flush()
        accounts.keep_lender(
            desk,
            other,
            lender_type=LenderType.CONSUMER_FINANCE,
            licence="L1042010000002",
            service_address="江城市河西路2号",
            payee=(other.name, "江城银行河西支行", "6217000012340007891"),
            at=world.clock(),
        )
        other_id = other.id
    add_person(world, "wei", "魏明")
    with world.desk("ren") as desk:
        accounts.add_member(desk, world.account("wei"), Role.LENDER, organisation_id=other_id, at=world.clock())
    return other_id
