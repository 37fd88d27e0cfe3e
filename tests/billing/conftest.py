"""A server that answers as told, for what the sandbox does not do."""

from tests.messaging.conftest import closed_port, wire

__all__ = ["closed_port", "wire"]
