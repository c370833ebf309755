"""The sample documents that the engine is measured on; they lie beside the repository and may be absent."""

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[4] / "shared"


def sample_texts() -> dict[str, str]:
    """Name and text of every sample document; skips the test where there are none."""
    files = sorted((SHARED / "seeds").glob("*.txt"))
    if not files:
        pytest.skip(f"no sample documents in {SHARED / 'seeds'}")
    return {file.name: file.read_text("utf-8") for file in files}
