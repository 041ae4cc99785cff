"""`python -m tests.rights` writes docs/rights.md anew."""

import tempfile
from pathlib import Path

from mediation.db import make_engine
from tests.databases import open_databases
from tests.house import open_house
from tests.rights import printed
from tests.rights.walk import walk

if __name__ == "__main__":
    databases = open_databases("sqlite")
    try:
        house = open_house(make_engine(databases.fresh()), Path(tempfile.mkdtemp(prefix="mediation-rights-")))
        printed.PLACE.write_text(printed.whole(walk(house)), encoding="utf-8")
    finally:
        databases.close()
