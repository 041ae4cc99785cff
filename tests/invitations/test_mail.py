"""What the post carries: the two codes, the domain and the telephone, and not a word of the matter."""

import pytest
from sqlalchemy import select

from mediation.jobs import DUTIES
from mediation.notices import Notice
from mediation.posting import letter_of
from tests.invitations.scenes import an_invitation
from tests.world import World

KINDS = ("invitation:issued", "invitation:reminder")


@pytest.mark.parametrize("locale", ["zh_Hans", "zh_Hant", "en"])
def test_the_notice_carries_both_codes_the_domain_and_the_telephone(world: World, locale: str) -> None:
    invitation = an_invitation(world)
    text = posted(world, "invitation:issued", locale)
    for words in (
        invitation.code,
        invitation.number[:4],
        "tiaojie.example.cn",
        "027-5550 0110",
        "12348",
        "/join",
        "/check",
    ):
        assert words in text, words


@pytest.mark.parametrize("kind", KINDS)
def test_the_last_day_still_counts(world: World, kind: str) -> None:
    an_invitation(world)
    assert "截至2025年10月9日（周四）都可以答复" in posted(world, kind, "zh_Hans")
    assert "until the end of 9 October 2025" in posted(world, kind, "en")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("locale", ["zh_Hans", "en"])
def test_the_notice_says_nothing_of_the_matter(world: World, kind: str, locale: str) -> None:
    an_invitation(world)
    text = posted(world, kind, locale)
    found = [words for words in ("32,990", "江岸消费金融", "XF-2025", "还款", "逾期", "loan", "debt") if words in text]
    assert not found


@pytest.mark.parametrize("kind", ["invitation:lapse", "invitation:remind"])
def test_the_worker_knows_the_duty(kind: str) -> None:
    assert kind in DUTIES


def posted(world: World, kind: str, locale: str) -> str:
    """The notice as the post words it, in that language, as text and as HTML."""
    with world.reading() as session:
        notice = session.scalars(select(Notice).where(Notice.kind == "invitation:issued")).one()
        worded = Notice(kind=kind, facts=notice.facts, institution_id=notice.institution_id)
        letter = letter_of(session, worded, locale=locale, public_url="http://localhost")
    return "\n".join((letter.subject, letter.text, letter.html))
