"""The administrator's area: the council checks organisations, helps people, and sets how the portal looks.

Pages and their queries; what they change is changed by the services of accounts, organisations and settings.
"""
