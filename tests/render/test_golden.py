"""The same feed gives the same bytes: those in tests/data/render, in any process."""

import os
import subprocess
import sys
from hashlib import sha256

import pytest

from tests.render.golden import FOLDER, documents

DIGEST = """
import hashlib, locale
locale.setlocale(locale.LC_ALL, "")
from tests.render.golden import documents
print(hashlib.sha256(b"".join(documents().values())).hexdigest())
"""


@pytest.mark.parametrize("name", list(documents()))
def test_documents_are_as_written_down(name: str) -> None:
    assert documents()[name].decode() == (FOLDER / name).read_text(encoding="utf-8")


def test_bytes_do_not_depend_on_hash_seed_locale_or_zone() -> None:
    here = sha256(b"".join(documents().values())).hexdigest()
    for seed, language, zone in (("1", "C.UTF-8", "Asia/Ho_Chi_Minh"), ("2", "POSIX", "America/St_Johns")):
        environ = os.environ | {"PYTHONHASHSEED": seed, "LC_ALL": language, "TZ": zone}
        elsewhere = subprocess.run(
            [sys.executable, "-c", DIGEST],
            env=environ,
            cwd=FOLDER.parents[2],
            capture_output=True,
            check=True,
            text=True,
        )
        assert elsewhere.stdout.strip() == here
