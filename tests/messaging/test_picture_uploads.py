"""Pictures go to the gateway once."""

import hashlib
import threading

import pytest
from django.core.files.base import ContentFile
from django.db import connection

from messaging.gateways.base import GatewayDown, PictureRefused
from messaging.models import GatewayPicture, Picture
from messaging.picture_uploads import file_id, forget, known_file_ids
from tests.messaging.test_solapi_send import jpeg
from tests.services import Sandbox

UPLOADS = "POST /storage/v1/files"


@pytest.fixture
def picture(db: None) -> Picture:
    data = jpeg()
    sha256 = hashlib.sha256(data).hexdigest()
    return Picture.objects.create(sha256=sha256, width=40, height=40, file=ContentFile(data, "p.jpg"))


def test_a_picture_is_uploaded_once_and_again_when_the_vendor_forgot_it(
    sandbox: Sandbox, picture: Picture
) -> None:
    first = file_id(picture, "solapi")
    assert file_id(picture, "solapi") == first
    assert sandbox.stats()["requests"][UPLOADS] == 1
    assert known_file_ids([picture.pk, 10**9], "solapi") == {picture.pk: first}
    forget(picture.pk, "solapi", stale="some older name")
    assert file_id(picture, "solapi") == first
    forget(picture.pk, "solapi", stale=first)
    second = file_id(picture, "solapi")
    assert second != first
    assert file_id(picture, "other") not in (first, second)


def test_a_failed_upload_leaves_nothing_behind(sandbox: Sandbox, picture: Picture) -> None:
    sandbox.arm(on="upload", kind="reset_after_accept")
    with pytest.raises(GatewayDown):
        file_id(picture, "solapi")
    assert not GatewayPicture.objects.exists()
    picture.file.storage.delete(picture.file.name)
    with pytest.raises(PictureRefused):
        file_id(Picture.objects.get(pk=picture.pk), "solapi")


@pytest.mark.django_db(transaction=True)
def test_two_workers_that_upload_at_once_agree_on_one_name(sandbox: Sandbox) -> None:
    data = jpeg()
    made = Picture.objects.create(sha256="0" * 64, width=40, height=40, file=ContentFile(data, "p.jpg"))
    sandbox.arm(on="upload", kind="slow", seconds=0.4, count=2)
    ready, names = threading.Barrier(2), []

    def work() -> None:
        try:
            ready.wait(5)
            names.append(file_id(Picture.objects.get(pk=made.pk), "solapi"))
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(15)
    assert sandbox.stats()["requests"][UPLOADS] == 2
    assert names == [GatewayPicture.objects.get().file_id] * 2
