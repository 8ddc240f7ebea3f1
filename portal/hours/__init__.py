"""Hours that placement agreements add up to, across all schools: per child, and per provider.

Whether a setting must register as a school is judged by whom it gives full-time education: five pupils of
compulsory school age, or one with an education, health and care plan or looked after (Education Act 1996,
section 463; running an unregistered school is an offence: Education and Skills Act 2008, section 96). No
statute says what full-time is, so the council sets what it counts with, and its source (`rules`). The portal
adds up and warns; it never says that somebody must register.
"""
