"""The read side: one module for each of the owner's pages. Nothing here changes anything."""
