"""Languages are chosen without guessing, and money and dates read as people write them."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mediation import i18n

DIGITS = {sign: value for value, sign in enumerate("零壹贰叁肆伍陆柒捌玖")}
PLACES = {"拾": 10, "佰": 100, "仟": 1000}


@pytest.mark.parametrize(
    ("header", "locale"),
    [
        (None, "zh_Hans"),
        ("*", "zh_Hans"),
        ("zh", "zh_Hans"),
        ("zh-SG,en;q=0.5", "zh_Hans"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh_Hans"),
        ("zh-TW", "zh_Hant"),
        ("zh-HK,zh;q=0.9", "zh_Hant"),
        ("zh-Hant-MO", "zh_Hant"),
        ("zh-Hans-HK", "zh_Hans"),
        ("yue", "zh_Hant"),
        ("en-GB,zh;q=0.9", "en"),
        ("zh;q=0.3,en;q=0.7", "en"),
        ("en;q=0,zh-TW;q=0.1", "zh_Hant"),
        ("fr-FR,de", "en"),
    ],
)
def test_a_browser_is_answered_in_a_language_it_reads(header: str | None, locale: str) -> None:
    assert i18n.choose_locale(header, cookie=None, account=None) == locale


def test_what_the_account_says_stands_above_cookie_and_browser() -> None:
    assert i18n.choose_locale("zh-CN", cookie="en", account="zh_Hant") == "zh_Hant"


def test_a_cookie_in_a_language_we_do_not_speak_is_passed_over() -> None:
    assert i18n.choose_locale("zh-TW", cookie="../../etc", account=None) == "zh_Hant"


@given(st.text(max_size=200), st.none() | st.text(max_size=20))
def test_no_header_breaks_the_choice(header: str, cookie: str | None) -> None:
    assert i18n.choose_locale(header, cookie=cookie, account=None) in i18n.LOCALES


def test_an_english_sentence_without_translation_stands_for_itself() -> None:
    assert i18n.translations("zh_Hans").gettext("There is no such sentence.") == "There is no such sentence."


def test_english_counts_one_and_many() -> None:
    english = i18n.translations("en")
    assert [english.ngettext("one case", "%(n)s cases", n) for n in (1, 2)] == ["one case", "%(n)s cases"]


def test_two_catalogues_that_differ_on_a_sentence_are_refused(tmp_path: Path) -> None:
    files = [_catalogue(tmp_path / name, words) for name, words in (("a.po", "收回"), ("b.po", "撤回"))]
    with pytest.raises(i18n.BrokenCatalogueError, match="a.po"):
        i18n.merge(files)


def test_two_catalogues_may_say_the_same(tmp_path: Path) -> None:
    files = [_catalogue(tmp_path / name, "收回") for name in ("a.po", "b.po")]
    assert i18n.merge(files) == {(None, "Withdraw"): "收回"}


def test_traditional_script_uses_the_reviewed_words() -> None:
    assert i18n.to_traditional("登录后查看还款计划，程序不变") == "登入後查看還款計畫，程序不變"


def test_a_surname_is_not_taken_for_a_week() -> None:
    assert i18n.to_traditional("周某在下周三前答复") == "周某在下週三前答覆"


def test_placeholders_survive_the_change_of_script() -> None:
    assert i18n.to_traditional("还有 %(n)s 个账户 {name}") == "還有 %(n)s 個帳戶 {name}"


@pytest.mark.parametrize(
    ("minor", "currency", "locale", "words"),
    [
        (123450, "CNY", "zh_Hans", "1,234.50 元"),
        (123450, "CNY", "zh_Hant", "1,234.50 元"),
        (123450, "CNY", "en", "¥1,234.50"),
        (-5, "CNY", "zh_Hans", "-0.05 元"),
        (1234, "JPY", "zh_Hans", "1,234 日元"),
        (1234567, "KWD", "en", "KWD 1,234.567"),
        (100000000000000, "USD", "zh_Hant", "1,000,000,000,000.00 美元"),
    ],
)
def test_an_amount_reads_as_people_write_it(minor: int, currency: str, locale: str, words: str) -> None:
    assert i18n.money(minor, currency, locale) == words


@pytest.mark.parametrize(
    ("minor", "words"),
    [
        (123450, "壹仟贰佰叁拾肆元伍角"),
        (1005, "壹拾元零伍分"),
        (5, "伍分"),
        (0, "零元整"),
        (10000000000, "壹亿元整"),
    ],
)
def test_an_agreement_writes_its_sum_in_capital_figures(minor: int, words: str) -> None:
    assert i18n.capital_amount(minor) == words


@given(st.integers(0, 10**13))
def test_capital_figures_say_the_same_sum(minor: int) -> None:
    assert _read_capitals(i18n.capital_amount(minor)) == minor


def test_a_sum_below_zero_has_no_capital_figures() -> None:
    with pytest.raises(ValueError, match="not negative"):
        i18n.capital_amount(-1)


def test_a_day_is_written_in_full() -> None:
    words = [i18n.day(date(2026, 2, 10), locale) for locale in i18n.LOCALES]
    assert words == ["2026年2月10日（周二）", "2026年2月10日（週二）", "10 February 2026"]


def test_a_moment_is_shown_by_the_clock_of_its_zone() -> None:
    at = datetime(2026, 2, 9, 16, 5, tzinfo=UTC)
    words = [i18n.moment(at, "Asia/Shanghai", locale) for locale in ("zh_Hans", "en")]
    assert words == ["2026年2月10日（周二）00:05", "10 February 2026, 00:05"]


@pytest.mark.parametrize(
    ("rate", "words"), [("0.234", "23.4%"), ("0.5", "50%"), ("0.387149", "38.71%"), ("0", "0%"), ("12", "1,200%")]
)
def test_a_rate_reads_as_per_cent(rate: str, words: str) -> None:
    assert i18n.percent(Decimal(rate)) == words


def _catalogue(path: Path, words: str) -> Path:
    path.write_text(
        f'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\nmsgid "Withdraw"\nmsgstr "{words}"\n',
        encoding="utf-8",
    )
    return path


def _read_capitals(text: str) -> int:
    """Read capital figures back into cents, by the grammar alone."""
    yuan, _, cents = text.rpartition("元") if "元" in text else ("", "", text)
    total, section, digit = 0, 0, 0
    for sign in yuan:
        if sign in DIGITS:
            digit = DIGITS[sign]
        elif sign in PLACES:
            section, digit = section + digit * PLACES[sign], 0
        else:
            scale = {"万": 10**4, "亿": 10**8}[sign]
            total, section, digit = _raise(total, section + digit, scale), 0, 0
    minor = (total + section + digit) * 100
    for sign in cents:
        digit = DIGITS.get(sign, digit)
        minor += {"角": 10, "分": 1}.get(sign, 0) * digit
    return minor


def _raise(total: int, section: int, scale: int) -> int:
    return (total + section) * scale if scale == 10**8 else total + section * scale
