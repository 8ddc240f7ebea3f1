"""Who a child is: kept encrypted, read by its school and by the one provider that was chosen.

Each reading is logged for the school's safeguarding lead.
"""
