"""Every sentence has its Chinese, whole and with the same placeholders; and no forbidden word stands in it."""

import re
from collections import Counter

from mediation import i18n
from tests.catalogues import LIBRARY, Sentence, catalogue_entries, missing, sentences
from tests.guards.words import BORROWER_PAGES, PAGES, words_for, words_found

PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%%|%s|\{\w*\}")


def test_every_sentence_is_in_a_catalogue() -> None:
    found = [f"{one.one!r} ({one.places[0]})" for one in missing()]
    assert not found, f"`make catalogues` prints them as entries to translate: {found}"


def test_no_entry_is_doubtful() -> None:
    found = [f"{one.file}: {one.one!r}" for one in catalogue_entries() if not one.is_sure or not one.words.strip()]
    assert not found, f"Translate it and take the fuzzy mark away: {found}"


def test_no_entry_is_left_over() -> None:
    found = [f"{one.file}: {one.one!r}" for one in catalogue_entries() if (one.context, one.one) not in sentences()]
    assert not found, f"Nothing says this any more; take it out: {found}"


def test_entries_keep_their_placeholders() -> None:
    found = [
        f"{one.file}: {one.one!r}" for one in catalogue_entries() if not same_placeholders(one.one, one.words, one.many)
    ]
    assert not found, f"The same placeholders stand in the English and in the Chinese: {found}"


def test_a_per_cent_sign_is_written_twice() -> None:
    texts = [*(one.one for one in sentences().values()), *(one.words for one in catalogue_entries())]
    found = [text for text in texts if has_bare_per_cent(text)]
    assert not found, f"Every sentence is formatted, so write %%: {found}"


def test_every_sentence_is_whole() -> None:
    found = [one.one for one in sentences().values() if one.one != one.one.strip() or "\n" in one.one]
    assert not found, f"No space or line break around or inside: say it in one piece ({{% trans trimmed %}}): {found}"


def test_no_two_catalogues_differ() -> None:
    assert i18n.merge(sorted((i18n.FOLDER / i18n.HOME).glob("*.po")))


def test_traditional_script_has_every_sentence() -> None:
    simplified, traditional = (i18n.translations(locale).sentences for locale in ("zh_Hans", "zh_Hant"))
    lost = [key[1] for key, words in simplified.items() if not same_placeholders(words, traditional[key], None)]
    assert (simplified.keys(), lost) == (traditional.keys(), [])


def test_the_reviewed_words_are_written_once_each() -> None:
    lines = (i18n.FOLDER / "zh_Hant.words").read_text(encoding="utf-8").splitlines()
    counted = Counter(line.split(" = ")[0] for line in lines if line and not line.startswith("#"))
    assert [word for word, count in counted.items() if count > 1] == []


def test_no_page_says_a_forbidden_word() -> None:
    chinese, found = i18n.translations("zh_Hans"), []
    for sentence in sentences().values():
        said = f"{_chinese(chinese, sentence)} {_english(sentence)}"
        words = {word for place in sentence.places if place != LIBRARY for word in words_for(place)}
        found += [f"{sentence.places[0]} {hit}" for hit in words_found(said, tuple(words))]
    assert not found, f"The words of product.md bind: {sorted(found)}"


def test_the_form_library_speaks_our_words() -> None:
    spoken = [_chinese(i18n.translations("zh_Hans"), one) for one in sentences().values() if LIBRARY in one.places]
    assert [hit for words in spoken for hit in words_found(words)] == []


def test_these_guards_bite() -> None:
    assert not same_placeholders("%(n)s cases", "案件", None)
    assert has_bare_per_cent("20% less")
    assert words_found("您的案号是 12")
    assert words_found("机构会联系您", PAGES)
    assert words_found("材料和证据")
    assert words_found("Invalid number")


def test_good_words_pass() -> None:
    assert not words_found("出借方已承诺暂停催收，说过的话不作为证据。")
    assert not words_found("材料齐了", BORROWER_PAGES)
    assert not has_bare_per_cent("20%% less than %(most)s, '%s'")


def same_placeholders(one: str, other: str, many: str | None) -> bool:
    """Whether the translation says each value that the original says; a plural may leave its number out."""
    wanted, given = (Counter(PLACEHOLDER.findall(text)) for text in (many or one, other))
    return set(wanted) == set(given)


def has_bare_per_cent(text: str) -> bool:
    """Whether a per cent sign stands that formatting would trip over."""
    return "%" in PLACEHOLDER.sub("", text)


def _chinese(catalogue: i18n.Catalogue, sentence: Sentence) -> str:
    if sentence.context is None:
        return catalogue.gettext(sentence.one)
    return catalogue.pgettext(sentence.context, sentence.one)


def _english(sentence: Sentence) -> str:
    return f"{sentence.one} {sentence.many or ''}"
