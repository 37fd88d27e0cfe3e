"""Where an application stands in a word or two, for every list and page of the staff."""

from typing import Final

from eligibility.enums import ApplicationState, ContentState, RegistryState, StepState
from eligibility.models import Application
from shopmsg.accounts.enums import ShopStatus

_S: Final = ApplicationState
STEP_TONES: Final = {StepState.DONE: "sent", StepState.WAITING: "waiting", StepState.FAILED: "failed"}
_STATE_TONES: Final = {
    _S.FORM: "waiting", _S.RECEIVED: "held", _S.ELIGIBLE: "sent", _S.ACTIVATING: "waiting",
    _S.ACTIVE: "sent", _S.REFUSED: "failed", _S.WITHDRAWN: "skipped",
}  # fmt: skip
_CONTENT_TONES: Final = {
    ContentState.WAITING: "waiting", ContentState.SENT: "waiting",
    ContentState.CHANGES: "held", ContentState.CONFIRMED: "sent",
}  # fmt: skip


def chips_of(application: Application) -> list[tuple[str, str]]:
    """(tone, word): where the application stands, and its promo. Its shop is looked at."""
    state, content = _S(application.state), ContentState(application.content)
    if state == _S.FORM and application.callback_wanted:
        return [("held", "전화 요청")]
    if is_closed(application):
        return [("skipped", "해지")]
    registry = RegistryState(application.registry)
    if state == _S.RECEIVED and registry != RegistryState.ACTIVE:
        chips = [("held", registry_word(registry))]
    else:
        chips = [(_STATE_TONES[state], state.label)]
    if state == _S.ACTIVE and content != ContentState.CONFIRMED:
        chips.append(("held", "확인 대기"))
    elif state in (_S.RECEIVED, _S.ELIGIBLE, _S.ACTIVATING):
        chips.append((_CONTENT_TONES[content], content.label))
    return chips


def registry_word(registry: RegistryState) -> str:
    """ "휴업자", "사업자 확인 필요"."""
    known = registry in (RegistryState.ACTIVE, RegistryState.SUSPENDED, RegistryState.CLOSED)
    return registry.label if known else f"사업자 {registry.label}"


def is_closed(application: Application) -> bool:
    """Whether the shop of an activated application has left."""
    shop = application.shop
    return (
        application.state in (_S.ACTIVATING, _S.ACTIVE)
        and shop is not None
        and shop.status == ShopStatus.CLOSED
    )
