"""Letters about the registration test: to the council's officers, and to the provider that it is about."""

from datetime import date

from portal.mail.words import Words
from portal.web.filters import plural, uk_date

_SOURCE = (
    "A setting must register as a school when it provides full-time education for five or more pupils of "
    "compulsory school age, or for one who has an education, health and care plan or is looked after "
    "(Education Act 1996, section 463). The law does not say how many hours are full-time."
)


def case_opened(*, provider: str, day: date, full_time: int, protected: int, hours: int) -> Words:
    """To the council's officers: the hours agreed at a provider may meet the test. No child is named."""
    return Words(
        f"Hours agreed at {provider} may meet the test for registration",
        f"On {uk_date(day)} the placement agreements of all schools together give"
        f" {plural(full_time, 'child', 'children')}"
        f" at least {hours} hours a week there, of whom {protected} have a plan or are looked"
        f" after.\n\n{_SOURCE} This is a count of agreed hours, not a finding. The case is on your home"
        " page in the portal.\n",
    )


def child_case_opened() -> Words:
    """To the council's officers: what was agreed for one child adds up, or clashes. Nobody is named."""
    return Words(
        "The hours agreed for one child need a look",
        "Placement agreements of all who commission for one child give it a full-time week outside registered"
        " schools, or expect it in two places at once. Whose they are stands in the portal, without its name:"
        " the case is on your home page.\n\nNeither the schools nor the providers have been told of it.\n",
    )


def provider_told(*, provider: str, hours: int) -> Words:
    """To the provider: what was counted, that nothing is decided, and where to read the rules."""
    return Words(
        "Your agreed hours are near or at the test for registration as a school",
        f"The placement agreements that schools have signed with {provider} give enough children at least"
        f" {hours} hours a week that you may have to register as a school.\n\n{_SOURCE} The"
        " council counts agreed hours; it has decided nothing. An officer will speak to you. You can also ask"
        " the Department for Education, or take advice of your own.\n",
    )
