"""The questions of a statement of means: their words, why they are asked, and which follow which."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from mediation.disclosures.models import Section
from mediation.i18n import N_, NP_
from mediation.rules.affordability import INCOME, SPENDING, Profile


class Kind(StrEnum):
    """What an answer is made of."""

    MONEY = "money"  # an amount each period
    SUM = "sum"  # an amount, once
    COUNT = "count"
    YES_NO = "yes_no"
    WORDS = "words"
    DEBT = "debt"


@dataclass(frozen=True, slots=True)
class Question:
    """One question on one page."""

    section: Section
    key: str
    kind: Kind
    label: str
    hint: str = ""
    stated: str = ""

    @property
    def name(self) -> str:
        """What the answer is called where others read it: not a question to them."""
        return self.stated or self.label


SECTION_LABELS: Mapping[Section, str] = {
    Section.INCOME: NP_("means", "Income"),
    Section.SPENDING: NP_("means", "Necessary spending"),
    Section.HOUSEHOLD: NP_("means", "Household"),
    Section.DEBTS: NP_("means", "Other debts"),
    Section.SAVINGS: NP_("means", "Savings"),
    Section.HARDSHIP: NP_("means", "Special difficulties"),
    Section.WORDS: NP_("means", "What I want to say"),
}
SECTION_HINTS: Mapping[Section, str] = {
    Section.INCOME: N_("What comes in, after tax."),
    Section.SPENDING: N_("What you cannot do without: home, food, getting to work."),
    Section.HOUSEHOLD: N_("Who lives on this money."),
    Section.DEBTS: N_("What you owe to others than this lender."),
    Section.SAVINGS: N_("Money that you could reach."),
    Section.HARDSHIP: N_("Illness, work lost, somebody to care for."),
    Section.WORDS: N_("Anything that the questions leave out."),
}
WHY: Mapping[Section, str] = {
    Section.INCOME: N_("What comes in is where a plan begins. Without it nobody can say what you can afford."),
    Section.SPENDING: N_(
        "What you need to live on is taken off first. A plan never comes out of your food or your rent."
    ),
    Section.HOUSEHOLD: N_(
        "More people need more. We compare what you spend with what a household like yours usually needs."
    ),
    Section.DEBTS: N_(
        "Some debts come first, such as rent. The others share what is left, so that nobody is favoured."
    ),
    Section.SAVINGS: N_(
        "Savings are not counted in what you can afford each month. They matter only if you offer a sum at once."
    ),
    Section.HARDSHIP: N_(
        "It helps the mediator to ask for a pause or gentler terms. You need not tell anything about your health."
    ),
    Section.WORDS: N_("You know your situation best. Leave this empty if there is nothing to add."),
}

_INCOME: Mapping[str, tuple[str, str]] = {
    "wage": (NP_("means", "Wages"), N_("What reaches your account. An average of the last three months is enough.")),
    "business": (NP_("means", "Business or odd jobs"), N_("After costs. Put 0 if there is none.")),
    "partner": (NP_("means", "What your partner gives to the household"), N_("Put 0 if there is none.")),
    "benefits": (NP_("means", "Benefits"), N_("Put 0 if there are none.")),
    "pension": (NP_("means", "Pension or allowances"), N_("Pension, unemployment or subsistence allowance.")),
    "other_income": (NP_("means", "Other income"), N_("Rent received, help from family. Put 0 if there is none.")),
}
_SPENDING: Mapping[str, tuple[str, str]] = {
    "housing": (NP_("means", "Rent or mortgage"), N_("For the home you live in, with its management fee.")),
    "utilities": (NP_("means", "Water, electricity and gas"), N_("With heating, where you pay it.")),
    "telecoms": (NP_("means", "Telephone and internet"), ""),
    "food": (NP_("means", "Food and daily needs"), N_("Meals, groceries, clothes, things for the home.")),
    "transport": (NP_("means", "Getting around"), N_("To work, school and hospital; fuel, parking, tickets.")),
    "health": (NP_("means", "Medical care"), N_("What you pay yourself for treatment and medicine.")),
    "schooling": (NP_("means", "Children's education"), N_("School, kindergarten, meals there.")),
    "elders": (NP_("means", "Support of parents"), N_("What you give to parents or others whom you support.")),
    "insurance": (NP_("means", "Social insurance"), N_("What you pay yourself, if it is not taken off your wage.")),
    "other": (NP_("means", "Other necessary spending"), N_("What you cannot do without and was not asked yet.")),
    "home_contents": (NP_("means", "Home and contents"), N_("Rent, mortgage, council tax, insurance of the home.")),
    "water": (NP_("means", "Water"), ""),
    "care_health": (NP_("means", "Care and health"), N_("Childcare, care of adults, prescriptions, dentist.")),
    "travel": (NP_("means", "Transport and travel"), N_("Fares, fuel, car insurance and tax.")),
    "school": (NP_("means", "School"), N_("Uniform, meals, trips, fees.")),
    "pensions_insurances": (NP_("means", "Pensions and insurances"), ""),
    "professional": (NP_("means", "Professional costs"), N_("Fees of a court, a lawyer, a union.")),
    "other_essential": (NP_("means", "Other essential costs"), ""),
    "communications_leisure": (NP_("means", "Communications and leisure"), N_("Telephone, internet, hobbies, gifts.")),
    "food_housekeeping": (NP_("means", "Food and housekeeping"), N_("Groceries, cleaning, pets, meals at work.")),
    "personal": (NP_("means", "Personal costs"), N_("Clothes, shoes, hairdresser, toiletries.")),
}
_HOUSEHOLD = (
    ("partner", Kind.YES_NO, NP_("means", "Do you live with a partner?"), "", NP_("means", "Lives with a partner")),
    (
        "children",
        Kind.COUNT,
        NP_("means", "How many children live with you?"),
        N_("Put 0 if there are none."),
        NP_("means", "Children living there"),
    ),
    (
        "dependants",
        Kind.COUNT,
        NP_("means", "How many other people live with you on this money?"),
        N_("Parents, for example. Not you, your partner or your children."),
        NP_("means", "Others living on this money"),
    ),
)
ANY_DEBT = "any"
DEBT_LABEL = NP_("means", "A debt")
MOST_DEBTS = 20


def profile_of(calendar: str) -> Profile:
    """The categories for a case: by its own calendar, which is its jurisdiction's."""
    return Profile.CHINA if calendar == "cn" else Profile.SFS


def questions_of(section: Section, profile: Profile) -> tuple[Question, ...]:
    """The questions of a section that are always asked, in their order."""
    if section is Section.INCOME:
        return tuple(Question(section, key, Kind.MONEY, *_INCOME[key]) for key in INCOME[profile])
    if section is Section.SPENDING:
        return tuple(Question(section, key, Kind.MONEY, *_SPENDING[key]) for key in SPENDING[profile])
    if section is Section.HOUSEHOLD:
        return tuple(Question(section, *each) for each in _HOUSEHOLD)
    if section is Section.DEBTS:
        label = NP_("means", "Do you owe anything to others?")
        hint, stated = N_("Other lenders, rent, family. Not this lender."), NP_("means", "Owes to others")
        return (Question(section, ANY_DEBT, Kind.YES_NO, label, hint, stated),)
    if section is Section.SAVINGS:
        hint = N_("In banks, funds and wallets, all together. Put 0 if there are none.")
        return (Question(section, "savings", Kind.SUM, SECTION_LABELS[section], hint),)
    return (Question(section, "text", Kind.WORDS, SECTION_LABELS[section], SECTION_HINTS[section]),)


def question_at(section: Section, key: str, profile: Profile) -> Question | None:
    """The question of that key; a debt of the list is one too."""
    if section is Section.DEBTS and debt_number(key) is not None:
        return Question(section, key, Kind.DEBT, DEBT_LABEL)
    return next((each for each in questions_of(section, profile) if each.key == key), None)


def next_question(question: Question, profile: Profile) -> Question | None:
    """What is asked after it in the same section; nothing after the last."""
    asked = questions_of(question.section, profile)
    place = next((place for place, each in enumerate(asked) if each.key == question.key), len(asked))
    return asked[place + 1] if place + 1 < len(asked) else None


def debt_key(number: int) -> str:
    """The key of that debt of the list."""
    return f"debt-{number}"


def debt_number(key: str) -> int | None:
    """The place in the list that a key means: 1 to 20; none for any other key."""
    number = key.removeprefix("debt-")
    if key == number or not number.isascii() or not number.isdecimal() or number != str(int(number)):
        return None
    return int(number) if 1 <= int(number) <= MOST_DEBTS else None
