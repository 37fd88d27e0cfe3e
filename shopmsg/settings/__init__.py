"""Settings: the only place where the environment is read."""
