"""What the web server's first process loads, so that a process killed in a test is replaced in no time."""

import mediation.app  # noqa: F401 (loaded, not made: each process still opens its own database)
