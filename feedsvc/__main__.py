"""`python -m feedsvc`: the same as the command."""

from feedsvc.cli import main

main()
