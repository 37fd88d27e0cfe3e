"""Pages of messaging: the owner's (calls, promo, people, settings), and the caller's."""
