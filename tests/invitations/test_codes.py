"""The code: read as people write it, guessed by nobody, kept nowhere in clear, and dead when it should be."""

import pytest
from sqlalchemy import select, text

from mediation import notices
from mediation.cases import codes
from mediation.cases.identification import invitation_by_code
from mediation.cases.invitations import lapse, renew_invitation
from mediation.cases.models import Invitation
from mediation.errors import Refused
from mediation.outbox import Job
from mediation.rules.lifecycle import Stage
from tests.invitations.scenes import (
    TAIL,
    Sent,
    an_invitation,
    consent,
    identified,
    newest,
    opened,
    sent,
    the_case,
    without_identity_number,
)
from tests.world import World


@pytest.mark.parametrize(
    "written",
    ["4H7K-Q2MX-90TD", "4h7kq2mx90td", " 4H7K Q2MX 9OTD ", "４Ｈ７Ｋ－Ｑ２ＭＸ－９０ＴＤ", "4H7K–Q2MX–9oTD"],
)
def test_a_code_is_read_as_people_write_it(written: str) -> None:
    assert codes.read_code(written) == "4H7KQ2MX90TD"


def test_what_looks_alike_is_read_alike() -> None:
    assert codes.read_code("OIL0-1I1L-oil0") == "011011110110"


@pytest.mark.parametrize("written", ["", "4H7K", "4H7KQ2MX90TDD", "4H7KQ2MX90TU", "参加码参加码参加码参加码"])
def test_what_is_no_code_is_none(written: str) -> None:
    assert codes.read_code(written) is None


def test_fresh_codes_are_of_twelve_characters_and_differ() -> None:
    fresh = {codes.new_code() for _ in range(500)}
    assert len(fresh) == 500
    assert {codes.read_code(codes.shown(code)) for code in fresh} == fresh


def test_the_code_is_nowhere_in_the_database_in_clear(world: World) -> None:
    invitation = an_invitation(world)
    identified(world, invitation)
    kept = everything_kept(world)
    forms = (invitation.code, invitation.code.replace("-", ""), invitation.code.lower())
    assert invitation.number in kept
    assert not [form for form in forms if form in kept or form.encode().hex() in kept]


def test_five_wrong_answers_close_the_code(world: World) -> None:
    invitation = an_invitation(world)
    client = opened(world, invitation.code)
    answers = [client.post("/join/identity", data={"answer": "0000"}).status_code for _ in range(5)]
    assert answers == [422, 422, 422, 422, 409]
    assert newest(world, invitation.case).ended_as == "locked"
    assert refused(world, invitation.code) == "invitation:locked"


def test_the_right_answer_comes_too_late_after_five_wrong_ones(world: World) -> None:
    invitation = an_invitation(world)
    client = opened(world, invitation.code)
    for _ in range(5):
        client.post("/join/identity", data={"answer": "0000"})
    client.post("/join", data={"code": invitation.code})
    answer = client.post("/join/identity", data={"answer": TAIL})
    assert (answer.status_code, answer.location) == (303, "/join")


def test_wrong_answers_add_up_over_browsers(world: World) -> None:
    invitation = an_invitation(world)
    for _ in range(3):
        opened(world, invitation.code).post("/join/identity", data={"answer": "0000"})
    assert newest(world, invitation.case).attempts == 3


def test_a_closed_page_names_a_human_way_on(world: World) -> None:
    invitation = an_invitation(world)
    client = opened(world, invitation.code)
    for _ in range(4):
        client.post("/join/identity", data={"answer": "0000"})
    page = client.post("/join/identity", data={"answer": "0000"}).get_data(as_text=True)
    assert "by telephone" in page


def test_the_registrar_is_told_of_a_closed_code_and_the_lender_is_not(world: World) -> None:
    invitation = an_invitation(world)
    client = opened(world, invitation.code)
    for _ in range(5):
        client.post("/join/identity", data={"answer": "0000"})
    assert told(world, "invitation:locked") == {world.people["ren"]}


def test_the_answer_is_read_as_people_write_it(world: World) -> None:
    invitation = an_invitation(world)
    client = opened(world, invitation.code)
    full_width = "".join(chr(ord(sign) + 0xFEE0) for sign in TAIL)
    assert client.post("/join/identity", data={"answer": f" {full_width} "}).status_code == 303


def test_without_an_identity_number_on_file_the_contract_is_asked_for(world: World) -> None:
    invitation = an_invitation(world)
    without_identity_number(world, invitation.case)
    client = opened(world, invitation.code)
    assert "number of your contract" in client.get("/join/identity").get_data(as_text=True)
    assert client.post("/join/identity", data={"answer": "0001"}).status_code == 303


def test_nobody_reaches_the_question_without_a_code(world: World) -> None:
    an_invitation(world)
    answer = world.client().post("/join/identity", data={"answer": TAIL})
    assert (answer.status_code, answer.location) == (303, "/join")


def test_a_used_code_opens_nothing(world: World) -> None:
    invitation = an_invitation(world)
    client = identified(world, invitation)
    client.post(f"/cases/{invitation.case}/consent", data=consent(client, invitation.case))
    assert refused(world, invitation.code) == "invitation:code-used"


def test_a_declined_code_opens_nothing(world: World) -> None:
    invitation = an_invitation(world)
    identified(world, invitation).post(f"/cases/{invitation.case}/declination", data={})
    assert refused(world, invitation.code) == "invitation:code-ended"


def test_an_expired_code_opens_nothing_however_late_the_worker_is(world: World) -> None:
    invitation = an_invitation(world)
    world.clock.at = newest(world, invitation.case).expires_at
    assert refused(world, invitation.code) == "invitation:code-expired"


def test_a_code_opens_to_the_last_second(world: World) -> None:
    invitation = an_invitation(world)
    world.clock.at = newest(world, invitation.case).expires_at
    world.clock.move(seconds=-1)
    assert refused(world, invitation.code) == ""


def test_nobody_joins_after_the_end_on_a_page_left_open(world: World) -> None:
    invitation = an_invitation(world)
    world.clock.at = newest(world, invitation.case).expires_at
    world.clock.move(minutes=-5)
    client = identified(world, invitation)
    form = consent(client, invitation.case)
    world.clock.move(minutes=5)
    answer = client.post(f"/cases/{invitation.case}/consent", data=form)
    assert answer.status_code == 409
    assert the_case(world, invitation.case).stage is Stage.INVITED


def test_a_renewed_code_replaces_the_old_one(world: World) -> None:
    invitation = an_invitation(world)
    with world.seat("ren", invitation.case) as seat:
        renew_invitation(seat, phone="", email="neu@example.org", at=world.clock())
    assert refused(world, invitation.code) == "invitation:code-ended"
    assert refused(world, sent(world, invitation.case).code) == ""


def test_one_address_gets_one_invitation_and_two_reminders(world: World) -> None:
    invitation = an_invitation(world)
    for _ in range(2):
        renew(world, invitation, "xinfeng@example.org")
    with pytest.raises(Refused, match="invitation:enough-notices"):
        renew(world, invitation, "xinfeng@example.org")


def test_time_ends_an_invitation_that_nobody_answered(world: World) -> None:
    invitation = an_invitation(world)
    world.clock.at = newest(world, invitation.case).expires_at
    run_lapse(world)
    case = the_case(world, invitation.case)
    assert (case.stage, case.turn) == (Stage.LAPSED, None)


def test_time_ends_nothing_a_second_early(world: World) -> None:
    invitation = an_invitation(world)
    world.clock.at = newest(world, invitation.case).expires_at
    world.clock.move(seconds=-1)
    run_lapse(world)
    assert the_case(world, invitation.case).stage is Stage.INVITED


def test_an_old_invitation_ends_nothing_for_its_renewal(world: World) -> None:
    invitation = an_invitation(world)
    first = newest(world, invitation.case)
    world.clock.move(days=2)
    renew(world, invitation, "neu@example.org")
    world.clock.at = first.expires_at
    run_lapse(world)
    assert the_case(world, invitation.case).stage is Stage.INVITED


def test_a_lapse_that_comes_twice_changes_nothing_more(world: World) -> None:
    invitation = an_invitation(world)
    world.clock.at = newest(world, invitation.case).expires_at
    run_lapse(world)
    run_lapse(world)
    assert the_case(world, invitation.case).stage is Stage.LAPSED


def test_the_way_in_is_closed_to_whoever_tries_codes(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    limit(world, monkeypatch)
    client = world.client()
    tries = [client.post("/join", data={"code": codes.new_code()}).status_code for _ in range(6)]
    assert tries == [409, 409, 409, 409, 409, 429]


def test_right_codes_do_not_count_as_tries(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    invitation = an_invitation(world)
    limit(world, monkeypatch)
    client = world.client()
    tries = {client.post("/join", data={"code": invitation.code}).status_code for _ in range(8)}
    assert tries == {303}


def renew(world: World, invitation: Sent, email: str) -> None:
    with world.seat("ren", invitation.case) as seat:
        renew_invitation(seat, phone="", email=email, at=world.clock())


def refused(world: World, code: str) -> str:
    """Why this code opens nothing; empty when it opens."""
    with world.reading() as session:
        try:
            invitation_by_code(session, code, at=world.clock())
        except Refused as no:
            return no.key
    return ""


def told(world: World, kind: str) -> set[object]:
    with world.reading() as session:
        found = select(notices.Notice.account_id).where(notices.Notice.kind == kind)
        return set(session.scalars(found))


def run_lapse(world: World) -> None:
    with world.reading() as session:
        jobs = session.scalars(select(Job).where(Job.kind == "invitation:lapse")).all()
    for job in jobs:
        with world.writing() as session:
            lapse(session, job.payload, None, at=world.clock())


def everything_kept(world: World) -> str:
    """Every value of every table, as text; bytes in hexadecimal."""
    with world.reading() as session:
        tables = Invitation.metadata.sorted_tables
        rows = [row for table in tables for row in session.execute(text(f'SELECT * FROM "{table.name}"'))]
    return " ".join(
        bytes(value).hex() if isinstance(value, (bytes, memoryview)) else str(value) for row in rows for value in row
    )


def limit(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from mediation.web.limits import limiter

    monkeypatch.setattr(limiter, "enabled", True)


def test_a_join_code_proves_nobody(world: World) -> None:
    sent = an_invitation(world)
    assert identified(world, sent).get("/prove").status_code == 200
