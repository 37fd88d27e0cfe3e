"""Stand-ins for the outside world: the message gateway (문자 중계사, SOLAPI v4) with phones to look at, the business
registry of the National Tax Service, the carrier's ringback notices, card payments; and faults to arm on each of them.

It is a process of its own (``python -m shopmsg.sandbox``), uses the standard library only, imports nothing of
the project and is imported by nothing of it. The wire formats follow reference/gateways.md §1, reference/payments.md §1 and §2
and docs/provisioning.md.
"""
