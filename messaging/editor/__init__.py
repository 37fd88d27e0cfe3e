"""What stands behind the promo editor: the draft everybody in a shop writes, and how it goes out."""
