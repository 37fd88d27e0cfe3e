"""Leaf modules: no models, no settings, nothing of ours above them."""
