"""What the tests of accounts read out of the mail folder."""

import re

from mediation import jobs
from tests.world import World


def posted(world: World) -> list[str]:
    """Every letter in the mail folder, oldest first, once the worker has done what is due."""
    jobs.run_due(world.engine, world.info, world.clock)
    return [path.read_text() for path in sorted(world.settings.mail_folder.glob("*.html"))]


def last_code(world: World) -> str:
    """The six digits of the newest letter."""
    return re.findall(r"\b\d{6}\b", posted(world)[-1])[0]
