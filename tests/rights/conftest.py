"""One house for all tests of one database; what the doors answered is asked once."""

from collections.abc import Iterator

import pytest

from mediation.db import make_engine
from tests.databases import Handout
from tests.furnished import furnish
from tests.house import House, everything_in, open_house
from tests.rights.walk import Walk, swap, walk


@pytest.fixture(scope="module")
def house(databases: Handout, database_kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Everybody and every case on one database."""
    source, folder = databases(database_kind), tmp_path_factory.mktemp("house")
    url, house = furnish(source, "house", open_house, folder)
    engine = make_engine(url)
    yield house.moved_to(engine, folder)
    engine.dispose()
    source.drop(url)


@pytest.fixture(scope="module")
def rows_before(house: House) -> dict[str, list[tuple[object, ...]]]:
    """Every row before anybody knocked."""
    return everything_in(house.world.engine)


@pytest.fixture(scope="module")
def walked(house: House, rows_before: dict[str, list[tuple[object, ...]]]) -> Walk:
    """What every door answered to everybody."""
    return walk(house)


@pytest.fixture(scope="module")
def swapped(house: House, walked: Walk) -> Walk:
    """What the doors answered to the ids of another case."""
    return swap(house)
