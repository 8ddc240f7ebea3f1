"""What the drafting of a pack refuses, where a page needs more than one sentence."""

from collections.abc import Sequence

from portal.errors import Conflict, Refusal
from tender.frameworks.readiness import Fault


class Faulty(Refusal):
    """The question cannot be kept as it is: `faults` say why, each at its field."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(" ".join(fault.sentence for fault in faults), field=faults[0].field)
        self.faults = tuple(faults)


class ChangedMeanwhile(Conflict):
    """Somebody else saved it after the page was drawn. Nothing was overwritten."""

    sentence = "Somebody changed this while you were editing it. Compare the two, then save yours or leave."
