"""``python -m loyalty_lib`` is the ``loyalty`` command."""

from __future__ import annotations

import sys

from loyalty_lib.cli import main

if __name__ == "__main__":
    sys.exit(main())
