"""Looking into uploaded papers: what a file really is, and what its text says. Knows no models and no settings."""
