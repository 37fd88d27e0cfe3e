"""사업자 상태조회: the National Tax Service's word on business numbers (reference/payments.md §2).

A driver: it sees no models, and no settings beyond its constructor; `connect` builds it from the settings.
"""
