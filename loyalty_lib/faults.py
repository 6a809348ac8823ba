"""Where the traceback of a fault of ours is kept, so that the user sees one line and we see it all."""

from __future__ import annotations

import os
import tempfile
import traceback
from pathlib import Path

from loyalty_lib.paths import home


def keep_trace(error: BaseException) -> Path:
    """Write the traceback of an unexpected error to a file only its owner can read; an error may quote data.

    Returns
    -------
    Path
        The file, in the folder of reports; in the system's temporary folder where that cannot be written.
    """
    text = "".join(traceback.format_exception(error))
    name = f"fault-{os.getpid()}.log"
    for folder in (home() / "reports", Path(tempfile.gettempdir())):
        file = folder / name
        try:
            folder.mkdir(parents=True, exist_ok=True)
            file.unlink(missing_ok=True)
            file.touch(mode=0o600)
            file.write_text(text, encoding="utf-8")
        except OSError:
            continue
        return file
    return Path(os.devnull)
