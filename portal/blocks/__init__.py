"""Places that are bought before it is known for whom: a block purchase, from which children are placed later.

A school buys for its own children, the council for those of every school. The provider agrees; from then on
each choice by the route `block` (`portal.call_offs`) takes one place, until its agreement ends. A block is a
call-off for several places (Procurement Act 2023, section 45).
"""
