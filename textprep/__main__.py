"""``python -m textprep`` is the command ``textprep``."""

from textprep.cli import main

if __name__ == "__main__":
    main()
