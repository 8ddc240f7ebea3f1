"""Who is told what happens to a published round: everyone at a provider that applies, and whoever follows it.

Words: a *follower* is a person at a provider who wants to hear of a round, with or without an application;
asking a question makes one a follower. `services.tell_everyone` writes one letter to each of them, once for
each event. Nobody at the council is shown who follows or applies before the tender box is opened.
"""
