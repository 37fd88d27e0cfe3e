"""A carrier without an interface: a member of staff orders the notice in its own system and records the result."""

from eligibility.provisioning.base import ProvisionAnswer, ProvisionState


class Manual:
    """Calls nothing. An order stays requested until a person says what came of it."""

    def request(self, reference: str, number: str, sentence: str) -> ProvisionAnswer:
        return ProvisionAnswer(ProvisionState.REQUESTED)

    def state(self, reference: str) -> ProvisionAnswer:
        return ProvisionAnswer(ProvisionState.REQUESTED)

    def cancel(self, reference: str) -> ProvisionAnswer:
        return ProvisionAnswer(ProvisionState.FAILED, "직원이 통신사에서 직접 해지해야 해요.", "cancelled")
