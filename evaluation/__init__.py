"""How applications were judged: conformity, marking, moderation, outcomes."""
