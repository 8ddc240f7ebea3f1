"""A believable council for the demonstration: invented people, providers and schools, real notices.

One framework from Manchester's published notice has a round in each phase: decided and released, being
marked, and open; of two invented ones, one is always open and one is marked without names. Everything goes
through the services that the pages use, each at the moment when it would have happened
(`portal.clock.staged_at`), in one transaction: a demonstration is there whole or not at all.

`seed` fills an empty database; `sign_ins` lists one account for each role.
"""

from portal.development.demonstration.seeding import seed, sign_ins

__all__ = ["seed", "sign_ins"]
