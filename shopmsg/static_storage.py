"""Static files under names that hold their hash, so that a browser keeps them for good."""

from typing import Final

from whitenoise.storage import CompressedManifestStaticFilesStorage  # type: ignore[import-untyped]

#: In our own modules only: packages bring scripts that import what they do not bring.
_IMPORTS: Final = (
    "js/*.js",
    (
        (r"""(?P<matched>\bfrom\s*["'](?P<url>\.[^"']+)["'])""", 'from "%(url)s"'),
        (r"""(?P<matched>\bimport\s*["'](?P<url>\.[^"']+)["'])""", 'import "%(url)s"'),
        (r"""(?P<matched>\bimport\(\s*["'](?P<url>\.[^"']+)["']\s*\))""", 'import("%(url)s")'),
    ),
)


class HashedStaticStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Whitenoise's; what our JavaScript modules import is named by its hash too, for the plain names are not there
    (WHITENOISE_KEEP_ONLY_HASHED_FILES)."""

    patterns = (*CompressedManifestStaticFilesStorage.patterns, _IMPORTS)
