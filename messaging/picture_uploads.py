"""Pictures at the gateway: each is uploaded once an account, and again when the vendor has forgotten it."""

from collections.abc import Iterable, Mapping

from messaging.gateway_account import gateway
from messaging.gateways.base import GatewayDown, PictureRefused
from messaging.models import GatewayPicture, Picture


def known_file_ids(picture_ids: Iterable[int], account: str) -> Mapping[int, str]:
    """{picture: the vendor's name of it} for those already uploaded. One query."""
    rows = GatewayPicture.objects.filter(account=account, picture__in=set(picture_ids))
    return dict(rows.values_list("picture_id", "file_id"))


def file_id(picture: Picture, account: str) -> str:
    """The vendor's name of the picture; uploads it when it has none yet. Raises GatewayDown, PictureRefused.

    Call it outside transactions. Two workers may upload at once: the first name is kept, the second file is never used.
    """
    known = known_file_ids([picture.pk], account).get(picture.pk)
    if known:
        return known
    try:
        with picture.file.open("rb") as stored:
            jpeg = stored.read()
    except FileNotFoundError:
        raise PictureRefused("missing_file", "저장해 둔 그림 파일이 없어요.") from None
    except OSError as error:  # the storage may be back in a moment: the messages wait for it
        raise GatewayDown("unreadable_file", "저장해 둔 그림 파일을 지금 읽을 수 없어요.") from error
    uploaded = gateway().upload(jpeg, f"{picture.pk}.jpg")
    GatewayPicture.objects.bulk_create(
        [GatewayPicture(account=account, picture=picture, file_id=uploaded)], ignore_conflicts=True
    )
    return known_file_ids([picture.pk], account).get(picture.pk, uploaded)


def forget(picture_id: int, account: str, stale: str = "") -> None:
    """The vendor no longer knows the picture: upload it again next time. With `stale` only while that is still the name
    we have, so that a name another worker has just got is kept."""
    rows = GatewayPicture.objects.filter(account=account, picture=picture_id)
    (rows.filter(file_id=stale) if stale else rows).delete()
