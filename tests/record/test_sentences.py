"""Each kind of entry has its sentence for each reader, in each language."""

import pytest

from mediation import i18n
from mediation.audit import KINDS
from mediation.docket.sentences import FLAWS, SAID, WHO, doer_of, sentence_for, thread_words
from mediation.rules.access import THREAD_READERS, Role, Thread
from mediation.rules.chain import Flaw
from tests.guards.words import words_found

READERS = [
    (kind, reader)
    for kind, thread in KINDS.items()
    for reader in sorted(THREAD_READERS[thread] if thread else {Role.BORROWER, Role.LENDER, Role.MEDIATOR})
]


def test_every_kind_has_a_sentence_and_no_sentence_is_without_a_kind() -> None:
    assert set(SAID) == set(KINDS)


@pytest.mark.parametrize("locale", i18n.LOCALES)
def test_every_reader_reads_every_kind_in_every_language(locale: str) -> None:
    words = i18n.translations(locale)
    for kind, reader in READERS:
        for doer in Role:
            who = words.pgettext("who did it", WHO[doer])
            said = words.gettext(sentence_for(kind, reader, doer)) % {"who": who}
            assert said, (kind, reader, doer)
            assert "%" not in said, (kind, reader, doer)
            assert words_found(said) == [], (kind, reader, doer)


def test_nobody_is_told_of_their_own_act_as_a_strangers() -> None:
    for reader, own in ((Role.BORROWER, "You put a plan"), (Role.LENDER, "Your side put a plan")):
        assert sentence_for("offer:made", reader, reader).startswith(own)
    assert sentence_for("offer:made", Role.BORROWER, Role.LENDER).startswith("%(who)s")


def test_what_the_clock_makes_known_was_done_by_the_side_that_the_entry_names() -> None:
    assert doer_of("system", {"side": "lender"}) is Role.LENDER
    assert doer_of("system", None) is Role.SYSTEM


def test_every_flaw_has_its_sentence() -> None:
    assert set(FLAWS) == set(Flaw)


def test_a_party_is_never_told_which_side_its_private_talk_is_on() -> None:
    names = {thread_words(thread, Role.BORROWER) for thread in (Thread.CASE, Thread.CAUCUS_BORROWER)}
    assert not [name for name in names if "lender" in name.lower()]
