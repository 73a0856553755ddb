"""`python -m feedsvc.settings [FOLDER]` brings README.md and schema/ of a configuration folder up to date."""

import sys
from pathlib import Path

from feedsvc.settings.reference import written


def main() -> None:
    folder = Path(*sys.argv[1:2] or ["config"])
    for path, text in written(folder).items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, "utf-8")


if __name__ == "__main__":
    main()
