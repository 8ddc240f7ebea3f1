"""The edge between people's browsers and the portal: pages, forms, words and figures as people read them.

Owns what every page shares: assets (built, hashed, served), the template environment, form fields, the
word counter, filters, pagination and the security headers. Knows nothing of tenders, marks or children.
Any module with views, forms or templates may use it; it uses only the clock and the refusals.
"""
