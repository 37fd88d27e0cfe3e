"""Which process of a parallel run gets which tests.

A portal takes half a minute to start, a stage full of rows as long again, so each is set up in one process only: one looks at
pages, the other does what people do, and both share out the rest test by test. (xdist's own groups are marks that it
writes into the names of tests, which this pytest no longer lets it do.)
"""

from pathlib import PurePosixPath
from typing import Final

from xdist.scheduler import LoadScopeScheduling

#: The files whose tests look at the stage.
_PAGES: Final = frozenset({"test_every_page.py", "test_papers.py", "test_typed_text.py"})


class Scheduling(LoadScopeScheduling):  # type: ignore[misc]  # xdist tells no types
    """The largest parts first, so that no process is left with one at the end."""

    def _split_scope(self, nodeid: str) -> str:
        path = PurePosixPath(nodeid.partition("::")[0])
        if path.parent.name != "browser":
            return nodeid
        return "pages" if path.name in _PAGES else "people"
