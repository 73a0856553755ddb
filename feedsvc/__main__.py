"""`python -m feedsvc`: the same as the command."""

from feedsvc.cli import main

if __name__ == "__main__":
    main()
