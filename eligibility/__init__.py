"""Who may join, and the signup from the first call to activation (rules.md §1, §2)."""
