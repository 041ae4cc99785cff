"""What the worker does for cases when its time has come."""

from collections.abc import Mapping

from mediation.cases import advisers, invitations
from mediation.outbox import Duty

DUTIES: Mapping[str, Duty] = {
    "invitation:lapse": Duty(keep=invitations.lapse),
    "notice:failed": Duty(keep=invitations.ask_for_another_way),
    "adviser:lapse": Duty(keep=advisers.lapse),
    "invitation:remind": Duty(keep=invitations.remind),
}
