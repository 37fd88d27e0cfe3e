"""Message gateways: one file a vendor, behind the contract of base.py. They know no models and no settings."""
