"""`make run`: PostgreSQL and Redis for a machine that has neither, and the processes of the portal around them.

Imports nothing else of this project and is imported by nothing of it. It prepares the environment that
`shopmsg.settings` reads, so it is the one place besides the settings that looks at environment variables.
"""
