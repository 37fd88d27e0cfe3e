"""People, shops and who may see what: User, Merchant, Shop, Line, Membership, AuditEntry, Notice."""
