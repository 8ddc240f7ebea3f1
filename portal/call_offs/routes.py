"""The routes by which one provider is chosen for one child."""

from collections.abc import Mapping

ROUTES: Mapping[str, str] = {
    "direct_award": "Direct award, with the reason",
    "mini_competition": "Mini-competition among providers that were asked",
    "user_choice": "The child's or the parents' choice",
    "block": "A place that was bought before",
}
"""`call_off.route`. Award without and with competition under a framework: Procurement Act 2023, section
45(4) and 46; user choice: Schedule 5, paragraph 15."""
