"""Picture files lie where Django's storage setting says, once for each content, whole or not at all."""

import hashlib
import threading
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client

from messaging import picture_storage, pictures_store
from messaging.gateways.base import GatewayDown, PictureRefused
from messaging.models import Picture
from messaging.picture_storage import ContentStorage
from messaging.picture_uploads import file_id
from messaging.pictures.sanitize import sanitize_upload
from messaging.small_pictures import small_picture
from tests.factories.accounts import ShopFactory
from tests.messaging.test_picture_sanitize import encoded, photograph
from tests.services import Sandbox


def stored(number: int = 0) -> Picture:
    made = sanitize_upload(encoded(photograph(400 + number, 300), "PNG"))
    return pictures_store.store(ShopFactory(), made.jpeg, made.width, made.height, made.sha256)


@pytest.fixture
def storage(tmp_path: Path) -> ContentStorage:
    return ContentStorage(location=tmp_path, base_url="/media/", file_permissions_mode=0o640)


@pytest.mark.django_db
def test_a_pictures_address_is_the_one_its_storage_names(client: Client) -> None:
    picture = stored()
    assert picture.file.url == f"/media/pictures/{picture.sha256}.jpg"
    answer = client.get(picture.file.url)
    assert hashlib.sha256(answer.content).hexdigest() == picture.sha256
    assert answer["Cache-Control"] == "public, max-age=31536000, immutable"


@pytest.mark.django_db
def test_everything_works_with_another_storage(settings: Any, client: Client, sandbox: Sandbox) -> None:
    """Kept, kept once, shown large and small, brought to the gateway; and nothing on the disk."""
    before = set(Path(settings.MEDIA_ROOT).rglob("*"))
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    }
    small_picture.cache_clear()
    picture = stored(7)
    again = pictures_store.store(
        ShopFactory(), picture_storage.read(picture.sha256), 407, 300, picture.sha256
    )
    assert again.file.name == picture.file.name
    assert default_storage.listdir("pictures")[1] == [f"{picture.sha256}.jpg"]
    for ending, kind in (("jpg", "image/jpeg"), ("webp", "image/webp")):
        answer = client.get(f"/media/pictures/{picture.sha256}.{ending}")
        assert (answer.status_code, answer["Content-Type"]) == (200, kind)
    assert client.get(f"/media/pictures/{'e' * 64}.jpg").status_code == 404
    assert file_id(picture, "solapi")
    assert set(Path(settings.MEDIA_ROOT).rglob("*")) == before


def test_files_are_named_by_what_they_hold(storage: ContentStorage) -> None:
    first, same = (storage.save("pictures/whatever.JPG", ContentFile(b"red")) for _ in range(2))
    other = storage.save("pictures/whatever.JPG", ContentFile(b"blue"))
    assert first == same == f"pictures/{hashlib.sha256(b'red').hexdigest()}.jpg"
    assert other != first
    with storage.open(first) as file:
        assert file.read() == b"red"
    assert storage.url(first) == f"/media/{first}"


def test_many_saving_the_same_at_once_leave_one_whole_file(storage: ContentStorage, tmp_path: Path) -> None:
    content, start, names = b"x" * 2_000_000, threading.Barrier(8), []

    def save() -> None:
        start.wait(10)
        names.append(storage.save("pictures/p.jpg", ContentFile(content)))

    threads = [threading.Thread(target=save) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(names) == 8
    [file] = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert file.read_bytes() == content
    assert file.stat().st_mode & 0o777 == 0o640


def test_a_file_that_cannot_be_written_leaves_nothing(storage: ContentStorage, tmp_path: Path) -> None:
    (tmp_path / "pictures").write_bytes(b"a file where the folder should be")
    with pytest.raises(OSError, match="pictures"):
        storage.save("pictures/p.jpg", ContentFile(b"red"))
    assert [path.name for path in tmp_path.iterdir()] == ["pictures"]


@pytest.mark.django_db
def test_a_storage_in_trouble_lets_messages_wait_and_a_lost_file_does_not(
    settings: Any, tmp_path: Path, sandbox: Sandbox
) -> None:
    settings.MEDIA_ROOT = tmp_path
    picture = stored()
    file = tmp_path / picture.file.name
    file.unlink()
    with pytest.raises(PictureRefused):
        file_id(Picture.objects.get(pk=picture.pk), "solapi")
    file.mkdir()  # there, and not to be read
    with pytest.raises(GatewayDown):
        file_id(Picture.objects.get(pk=picture.pk), "solapi")
