"""Where an installation keeps what is its own: the embedded database, files, the secret key, outgoing mail."""

from __future__ import annotations

import os
from pathlib import Path


def home() -> Path:
    """KECHUANG_HOME, else ``var`` below the working directory."""
    return Path(os.environ.get("KECHUANG_HOME") or "var").resolve()
