"""`python -m mediation`: the product from the command line."""

import sys

from mediation.cli import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
