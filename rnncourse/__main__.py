"""The command ``rnncourse``, also as ``python -m rnncourse``."""

import re
import sys
from importlib import metadata


def extra_with(package: str) -> str | None:
    """Return the name of the extra that installs ``package``."""
    for requirement in metadata.requires("rnncourse") or ():
        if match := re.fullmatch(rf"{package}\b.*extra == ['\"](\w+)['\"]", requirement):
            return match[1]
    return None


def main() -> None:
    """Run the command line, or say in one line what has to be installed first."""
    try:
        from rnncourse.cli import app

        app()
    except ModuleNotFoundError as error:
        extra = extra_with(error.name or "")
        if extra is None:
            raise
        sys.exit(f"rnncourse: {error.name} is not installed; it comes with: pip install 'rnncourse[{extra}]'")


if __name__ == "__main__":
    main()
