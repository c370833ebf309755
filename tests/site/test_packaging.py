"""The wheel, built from this repository and installed into an empty environment."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.site.service import Service, wait_until

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ROOT / "var" / "tools" / "bin"
UV = shutil.which("uv") or shutil.which("uv", path=str(TOOLS))
pytestmark = [pytest.mark.slow, pytest.mark.skipif(UV is None, reason="uv is not here")]


def run(*command: object, **options: object) -> str:
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, timeout=600, check=False, **options
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("dist")
    run(UV, "build", "--wheel", "--out-dir", directory, cwd=ROOT)
    return next(directory.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path) -> Iterator[Path]:
    """The ``bin`` directory of an environment with nothing but the wheel and what it needs, as locked."""
    directory = Path(tempfile.mkdtemp(prefix="kechuang-wheel-"))
    directory.chmod(0o755)
    environment = {**os.environ, "UV_PYTHON_DOWNLOADS": "never", "VIRTUAL_ENV": str(directory)}
    run(UV, "venv", "--python", sys.executable, directory, "--allow-existing", env=environment)
    locked = run(UV, "export", "--frozen", "--no-dev", "--no-emit-project", "--no-hashes", "--quiet", cwd=ROOT)
    (directory / "locked.txt").write_text(locked)
    run(UV, "pip", "install", "--quiet", "--constraint", directory / "locked.txt", wheel, env=environment)
    yield directory / "bin"
    shutil.rmtree(directory)


def test_everything_is_inside(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for needed in (
        "kechuang/packs/nanyang/pack.yaml",
        "kechuang/packs/schema/pack.schema.json",
        "kechuang/site/static/vendor/htmx.js",
        "kechuang/site/templates/500.html",
        "kechuang/kit/locale/zh_Hans/LC_MESSAGES/django.mo",
        "kechuang/site/locale/zh_Hans/LC_MESSAGES/django.mo",
    ):
        assert needed in names
    assert not [name for name in names if name.startswith(("tests/", "docs/", "script/")) or name.endswith(".pyc")]


def test_commands_without_a_database(installed: Path, tmp_path: Path) -> None:
    document = tmp_path / "document.txt"
    document.write_text("关于科技创新的意见\n到2025年，研发经费投入强度达到2.4%以上。\n", "utf-8")
    environment = {"PATH": "/usr/bin:/bin"}
    assert run(installed / "kechuang", "--version", env=environment, cwd=tmp_path).startswith("kechuang ")
    assert "nanyang: in order" in run(installed / "kechuang", "pack", "check", env=environment, cwd=tmp_path)
    records = run(installed / "kechuang", "extract", document, env=environment, cwd=tmp_path).splitlines()
    assert any('"kind": "target"' in record for record in records)


def test_it_serves_from_the_wheel(installed: Path) -> None:
    home = Path(tempfile.mkdtemp(prefix="kechuang-test-"))
    home.chmod(0o755)
    service = Service(home, python=installed / "python")
    service.environment = {"PATH": "/usr/bin:/bin", "KECHUANG_HOME": str(home), "PYTHONUNBUFFERED": "1"}
    try:
        service.start()
        wait_until(lambda: service.status("/") == 200, service.log)
        assert service.status("/static/vendor/htmx.js") == 200
        assert service.stop() == 0
    finally:
        if service.process and service.process.poll() is None:
            service.stop()
        shutil.rmtree(home)
