"""What it costs: subscriptions, commitments, bundles, usage, invoices, payments (rules.md §3)."""
