"""What the services refuse, where the page needs more than a sentence: the round, the problems."""

from collections.abc import Sequence

from portal.errors import Refusal
from tender.frameworks.readiness import Problem


class ReferenceTaken(Refusal):
    """The council has a framework with this reference already: `framework_id`."""

    def __init__(self, reference: str, framework_id: int) -> None:
        super().__init__(f"You already have a framework with the reference {reference}.", field="reference")
        self.framework_id = framework_id


class DraftWaiting(Refusal):
    """The framework has a draft round already: `round_id`."""

    sentence = "This framework has a draft round already. Publish that one first, or change it."

    def __init__(self, round_id: int) -> None:
        super().__init__()
        self.round_id = round_id


class NotReady(Refusal):
    """The round cannot be published yet: `problems` say why."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(" ".join(problem.sentence for problem in problems))
        self.problems = tuple(problems)


class StillShut(Refusal):
    """The tender box stays shut until the round has closed."""
