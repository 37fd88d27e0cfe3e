"""Pages of billing: the owner's, the agent's, the admin's."""
