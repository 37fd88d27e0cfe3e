"""What staff may open in a shop in its owner's place: by scope, and by the name of the address. Whatever is not named
here stays shut, an address that comes later too."""

from typing import Final

from django.http import Http404, HttpRequest
from django.utils import timezone

from shopmsg.accounts import audit, delegations
from shopmsg.accounts.access import otp_verified
from shopmsg.accounts.enums import DelegationScope
from shopmsg.accounts.models import AuditEntry, Delegation, Shop, User

#: Looked at, not pressed: what brings an old version back would send it.
LOOKED_AT: Final = {
    DelegationScope.CONTENT: frozenset({"messaging:versions", "messaging:version"}),
}
#: Where content is made. What sends it (publishing, calling back, tests) is the owner's.
WORKED_ON: Final = {
    DelegationScope.CONTENT: frozenset(
        {
            "messaging:promo", "messaging:promo_preview", "messaging:promo_design", "messaging:promo_save",
            "messaging:promo_undo", "messaging:promo_choose",
            "messaging:gallery", "messaging:gallery_start", "messaging:gallery_picture",
            "messaging:picture_upload",
            "messaging:shop_info", "messaging:shop_place", "messaging:shop_intro",
            "messaging:shop_hours", "messaging:shop_rest", "messaging:shop_closures", "messaging:shop_closure_do",
            "messaging:shop_menu", "messaging:menu_add", "messaging:menu_item", "messaging:menu_do", "messaging:menu_undo",
            "messaging:shop_photos", "messaging:photo_add", "messaging:photo", "messaging:photo_do", "messaging:photo_undo",
            "messaging:shop_announcements", "messaging:announcement_add", "messaging:announcement",
            "messaging:announcement_remove", "messaging:announcement_undo",
        }
    ),
}  # fmt: skip


def opened(request: HttpRequest, staff: User, slug: str, *, edit: bool) -> tuple[Delegation, bool]:
    """(the delegation by which this member of staff is here, whether they may change what they see). Raises Http404
    without one, for a session without a TOTP, and for an address the scope does not name."""
    shop = Shop.objects.filter(slug=slug).first() if otp_verified(request) else None
    delegation = delegations.active(staff, shop, timezone.now()) if shop else None
    name = request.resolver_match.view_name if request.resolver_match else ""
    if delegation is not None:
        scope = DelegationScope(delegation.scope)
        if name in WORKED_ON[scope]:
            return delegation, True
        if name in LOOKED_AT[scope] and not edit:
            return delegation, False
    raise Http404


def write_down_draft(request: HttpRequest, delegation: Delegation | None) -> None:
    """The draft was changed in the owner's place: said once a delegation, because the editor saves with every pause."""
    if delegation is None:
        return
    subject = f"delegation:{delegation.pk}"
    if AuditEntry.objects.filter(subject=subject, action="draft.written").exists():
        return
    audit.record(
        "draft.written",
        actor=delegation.staff,
        shop=delegation.shop,
        subject=subject,
        address=audit.address_of(request),
    )
