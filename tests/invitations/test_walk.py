"""From the notice to a seat at the table: the code, the question, the invitation, yes or no."""

import hashlib

from sqlalchemy import select

from mediation import audit
from mediation.accounts.models import Account
from mediation.cases.models import Consent, Declination, DeclineReason, Purpose
from mediation.files import fetch_row
from mediation.rules.access import Role, Thread
from mediation.rules.lifecycle import Stage
from tests.invitations.scenes import an_invitation, consent, identified, newest, opened, the_case
from tests.world import World


def test_the_borrower_walks_from_the_code_to_the_table(world: World) -> None:
    sent = an_invitation(world)
    client = identified(world, sent)
    answer = client.post(f"/cases/{sent.case}/consent", data=consent(client, sent.case))
    assert answer.status_code == 303, answer.get_data(as_text=True)
    case = the_case(world, sent.case)
    assert (case.stage, case.turn) == (Stage.JOINED, Role.REGISTRAR)
    assert "您已参加调解" in client.get(f"/cases/{sent.case}/answer").get_data(as_text=True)


def test_opening_pages_uses_up_nothing(world: World) -> None:
    sent = an_invitation(world)
    client = opened(world, sent.code)
    for page in ("/join", "/join/identity", "/join/not-me"):
        assert client.get(page).status_code == 200
    kept = newest(world, sent.case)
    assert (kept.attempts, kept.verified_at, kept.used_at, kept.ended_at) == (0, None, None, None)


def test_a_code_that_was_opened_still_opens_in_another_browser(world: World) -> None:
    sent = an_invitation(world)
    opened(world, sent.code)
    assert identified(world, sent).get(f"/cases/{sent.case}/invitation").status_code == 200


def test_no_debt_is_shown_before_the_question(world: World) -> None:
    sent = an_invitation(world)
    client = opened(world, sent.code)
    pages = [client.get(page).get_data(as_text=True) for page in ("/join/identity", "/join/not-me")]
    assert not [
        page for page in pages if "江岸消费金融" in page or "白露" in page or "32,990" in page or sent.case in page
    ]


def test_the_invitation_says_who_asks_for_what_and_what_rests(world: World) -> None:
    sent = an_invitation(world)
    page = identified(world, sent).get(f"/cases/{sent.case}/invitation").get_data(as_text=True)
    for words in ("江岸消费金融有限公司", "32,990.54", "16,957.91", "月利率1.95%", "12348", "New interest"):
        assert words in page, words


def test_consent_is_kept_for_each_purpose_with_the_hash_of_its_words(world: World) -> None:
    sent = an_invitation(world)
    client = identified(world, sent)
    form = consent(client, sent.case, share_with_lender="")
    page = client.get(f"/cases/{sent.case}/consent").get_data(as_text=True)
    client.post(f"/cases/{sent.case}/consent", data=form)
    words = (
        "Documents of this mediation may reach me electronically.\n"
        "You get them on this site, with a neutral message when there is something new. Without this, by letter."
    )
    with world.reading() as session:
        kept = {each.purpose: each.text_sha256 for each in session.scalars(select(Consent))}
    assert set(kept) == set(Purpose) - {Purpose.SHARE_WITH_LENDER}
    assert kept[Purpose.ELECTRONIC_SERVICE] == hashlib.sha256(words.encode()).hexdigest()
    assert all(line in page for line in words.split("\n"))


def test_the_words_of_a_consent_can_be_shown_again(world: World) -> None:
    sent = an_invitation(world)
    client = identified(world, sent)
    client.post(f"/cases/{sent.case}/consent", data=consent(client, sent.case))
    with world.reading() as session:
        kept = session.scalars(select(Consent).where(Consent.purpose == Purpose.SHARE_WITH_LENDER)).one()
        words = fetch_row(session, kept.text_sha256, institution_id=world.institution_id).decode()
    assert words.startswith("What I release myself may be passed on to 江岸消费金融有限公司.")


def test_the_record_names_each_consent(world: World) -> None:
    sent = an_invitation(world)
    client = identified(world, sent)
    client.post(f"/cases/{sent.case}/consent", data=consent(client, sent.case))
    with world.seat("ren", sent.case) as seat:
        entries = audit.entries_seen_by(seat, Thread.CASE)
    given = [each for each in entries if each.kind == "consent:given"]
    assert [entry.kind for entry in entries] == ["invitation:issued", "invitation:identified", "consent:given"]
    assert given[0].body is not None
    assert set(given[0].body["purposes"]) == {purpose.value for purpose in Purpose}


def test_without_consent_to_mediation_nobody_joins(world: World) -> None:
    sent = an_invitation(world)
    client = identified(world, sent)
    answer = client.post(f"/cases/{sent.case}/consent", data=consent(client, sent.case, mediation=""))
    assert answer.status_code == 409
    assert the_case(world, sent.case).stage is Stage.INVITED


def test_words_that_were_not_shown_are_not_consented_to(world: World) -> None:
    sent = an_invitation(world)
    client = identified(world, sent)
    answer = client.post(f"/cases/{sent.case}/consent", data=consent(client, sent.case, shown="0" * 64))
    assert answer.status_code == 409
    assert the_case(world, sent.case).stage is Stage.INVITED


def test_a_weak_password_is_refused_at_its_field(world: World) -> None:
    sent = an_invitation(world)
    client = identified(world, sent)
    answer = client.post(f"/cases/{sent.case}/consent", data=consent(client, sent.case, password="password"))
    assert answer.status_code == 409
    assert 'id="password-error"' in answer.get_data(as_text=True)


def test_a_borrower_may_do_without_a_password(world: World) -> None:
    sent = an_invitation(world)
    client = identified(world, sent)
    client.post(f"/cases/{sent.case}/consent", data=consent(client, sent.case, sign_in_by="code", password=""))
    with world.reading() as session:
        account = session.get_one(Account, newest(world, sent.case).account_id)
    assert (account.password_hash, account.locale, account.name) == (None, "zh_Hans", "白露")


def test_the_password_that_was_chosen_opens_the_account(world: World) -> None:
    sent = an_invitation(world)
    client = identified(world, sent)
    client.post(f"/cases/{sent.case}/consent", data=consent(client, sent.case))
    fresh = world.client()
    answer = fresh.post("/sign-in", data={"sign_in_name": "xinfeng@example.org", "password": "seven green herons"})
    assert answer.status_code == 303
    assert fresh.get("/home").status_code == 200


def test_no_ends_the_mediation(world: World) -> None:
    sent = an_invitation(world)
    client = identified(world, sent)
    answer = client.post(f"/cases/{sent.case}/declination", data={})
    case = the_case(world, sent.case)
    assert answer.status_code == 303
    assert (case.stage, case.turn, case.deadline_at) == (Stage.DECLINED, None, None)


def test_the_reason_for_a_no_is_kept_for_the_institution_alone(world: World) -> None:
    sent = an_invitation(world)
    client = identified(world, sent)
    client.post(f"/cases/{sent.case}/declination", data={"reason": "want_court"})
    lender = world.client("lu")
    pages = [f"/cases/{sent.case}", f"/cases/{sent.case}/record", f"/cases/{sent.case}/home", "/docket", "/home"]
    read = "".join(lender.get(page, follow_redirects=True).get_data(as_text=True) for page in pages)
    with world.reading() as session:
        reasons = [each.reason for each in session.scalars(select(Declination))]
    assert reasons == [DeclineReason.WANT_COURT]
    assert "want_court" not in read
    assert "rather have a court" not in read


def test_the_record_of_a_no_carries_no_reason(world: World) -> None:
    sent = an_invitation(world)
    client = identified(world, sent)
    client.post(f"/cases/{sent.case}/declination", data={"reason": "already_tried"})
    with world.seat("lu", sent.case) as seat:
        last = audit.entries_seen_by(seat, Thread.CASE)[-1]
    assert (last.kind, dict(last.body or {})) == ("invitation:declined", {"notice": sent.number})


def test_a_stranger_sees_no_invitation_of_another(world: World) -> None:
    sent = an_invitation(world)
    for page in ("invitation", "consent", "declination", "letter", "renewal", "home", "identity"):
        assert world.client("shi").get(f"/cases/{sent.case}/{page}").status_code == 404, page


def test_the_lender_can_neither_answer_nor_print_the_code(world: World) -> None:
    sent = an_invitation(world)
    lender = world.client("lu")
    for page in ("consent", "declination", "letter", "renewal"):
        assert lender.get(f"/cases/{sent.case}/{page}").status_code == 403, page
