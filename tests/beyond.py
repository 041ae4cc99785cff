"""Pages that no rule's arguments name: those that a link leads to, and those that answer a form."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map

HREF = re.compile(r'href="(/[^"#]*)')
NOTICE = re.compile(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}\b")
# So often a kind of page is tried for one house, where it answers with something else than a page.
TRIES = 3
# Sent by a page of its own, as a person without a script sends it.
SEND = """([path, pairs]) => {
  const form = Object.assign(document.createElement('form'), {method: 'post', action: path});
  for (const [name, value] of pairs) {
    form.append(Object.assign(document.createElement('input'), {type: 'hidden', name, value}));
  }
  document.body.append(form);
  form.submit();
}"""
LOAN = {
    "disbursed": "50000", "fee_up_front": "3000", "instalments": "24", "instalment": "2800", "paid_count": "6",
    "lender": "consumer_finance", "contract_on": "2025-03-01",
}  # fmt: skip

OPENING = (("act", "submit"), ("currency", "CNY"), ("interest", "lots"))


@dataclass(frozen=True)
class Sent:
    """A form that somebody sends, and what the page that answers it is called."""

    person: str
    name: str
    path: str
    form: tuple[tuple[str, str], ...] = ()


def links_in(page: str) -> list[str]:
    """The addresses of this site that a page leads to, each once."""
    return list(dict.fromkeys(found.replace("&amp;", "&") for found in HREF.findall(page)))


def led_to(
    rules: Map, opens: Callable[[str, str], bool], links: Mapping[str, list[str]], seen: set[tuple[str, str]]
) -> Iterator[tuple[str, str, str]]:
    """Person, endpoint and path of the first page of each kind that a house reaches by links and that was not seen."""
    tried: Counter[tuple[str, str]] = Counter()
    for person, paths in links.items():
        for path in paths:
            kind = (person.partition("-")[0], _endpoint(rules, path))
            if not kind[1] or kind in seen or tried[kind] >= TRIES:
                continue
            tried[kind] += 1
            if opens(person, path):
                seen.add(kind)
                yield person, kind[1], path


def _endpoint(rules: Map, path: str) -> str:
    try:
        return str(rules.bind("127.0.0.1").match(path.partition("?")[0], method="GET")[0])
    except HTTPException:
        return ""


def sent(number: str, submitted: str, loan_id: str, notice: str, *, on: date) -> list[Sent]:
    """What is answered with a page: figures worked out, a plan to be checked, and forms that are refused."""
    borrower, plans = f"borrower-{number}", f"/cases/{number}/offers/draft"
    return [
        Sent("anybody", "explore.worked_out", "/explore", tuple(LOAN.items())),
        Sent("anybody", "explore.refused", "/explore", (("disbursed", "lots"),)),
        Sent("anybody", "invitations.check_found", "/check", (("number", notice),)),
        Sent("anybody", "invitations.check_unknown", "/check", (("number", "AAAA-BBBB"),)),
        Sent("anybody", "verification.unknown", "/verify", (("number", "1"), ("code", "AAAABBBBCCCC"))),
        Sent("anybody", "accounts.sign_in_refused", "/sign-in", (("name", "nobody"), ("password", "no"))),
        Sent(borrower, "offers.check", plans, _plan("60", on)),
        Sent(borrower, "offers.above", plans, _plan("6", on)),
        Sent(borrower, "offers.refused", plans, (("chosen_by", "count"), ("step", "check"))),
        Sent(borrower, "disclosures.refused", f"/cases/{number}/means/income/wage", (("amount", "lots"),)),
        Sent(borrower, "contracts.refused", f"/cases/{number}/cost", (("principal", "lots"), ("instalment", "-1"))),
        Sent("lender", "offers.check", plans, _plan("24", on)),
        Sent("lender", "openings.refused", f"/loans/{loan_id}/case", OPENING),
        Sent("lender", "portfolios.refused", "/loans/imports", (("currency", "CNY"),)),
        Sent("registrar", "registry.refused", f"/cases/{submitted}/rejection"),
    ]


def _plan(count: str, on: date) -> tuple[tuple[str, str], ...]:
    first = (on + timedelta(days=40)).isoformat()
    fields = {"chosen_by": "count", "instalments": count, "frequency": "monthly", "first_due_on": first}
    return tuple({**fields, "grace": "none", "reply_days": "7", "seen_version": "0", "step": "check"}.items())
