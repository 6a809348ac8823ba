"""Office files are zip archives; here the time of writing is taken out: the same content is the same file."""

from __future__ import annotations

import io
import zipfile
from typing import Final

EPOCH: Final = (1980, 1, 1, 0, 0, 0)  # the earliest a zip archive can say; Excel writes it too


def without_times(archive: bytes) -> bytes:
    """Return a zip archive with the same files in the same order, none of which says when or where it was written."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as clean:
        for name in source.namelist():
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3  # Python writes the system it runs on; the bytes are to be the same on each
            entry.external_attr = 0o600 << 16
            clean.writestr(entry, source.read(name))
    return target.getvalue()
