"""People, organisations, memberships and sign-in; the table of permissions and the gate.

Words: a *person* signs in; a *membership* gives a person roles in an *organisation* (provider, school or
council); a role is a set of *permissions*, each a noun and a verb. An `Actor` is a person acting for one
organisation: every service takes one as `by`. The gate lets a request through only when its route has
declared who may enter.
"""
