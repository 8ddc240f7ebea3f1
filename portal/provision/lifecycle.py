"""The states of what a provider proposes to say on a service's page."""

from portal.lifecycle import Lifecycle, move_of

PROPOSAL = Lifecycle(
    "service_page",
    states=("draft", "waiting", "published"),
    moves=(
        move_of(
            "send", "draft", "waiting", stamp="sent", refusal="This was sent for the council’s check already."
        ),
        move_of("take_back", "waiting", "draft", refusal="The council is not checking this."),
        move_of(
            "publish", "waiting", "published", stamp="decided", refusal="This does not wait for a check."
        ),
        move_of("send_back", "waiting", "draft", stamp="decided", refusal="This does not wait for a check."),
    ),
)
