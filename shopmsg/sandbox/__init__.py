"""A stand-in for the message gateway (문자 중계사): SOLAPI v4, phones to look at, faults to arm.

It is a process of its own (``python -m shopmsg.sandbox``), uses the standard library only, imports nothing of
the project and is imported by nothing of it. The wire format follows reference/gateways.md §1.
"""
