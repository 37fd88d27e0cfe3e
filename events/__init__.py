"""AI event planning, its channels, entries, draws and measurement (rules.md §9)."""
