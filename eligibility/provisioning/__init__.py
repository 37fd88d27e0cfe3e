"""링고: ordering a line's ringback notice at the carrier (rules.md §2).

Drivers: they see no models, and no settings beyond their constructors; `connect` builds one from the settings.
"""
