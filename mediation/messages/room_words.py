"""What rooms are called, by who reads them: said at the row of rooms, at the composer and on its button."""

from mediation.i18n import NP_
from mediation.rules.access import Room

CHANNELS = {Room.JOINT: "shared", Room.NOTES: "notes"}

# By room, and by whether the reader stands between the sides.
ROOM_WORDS = {
    (Room.JOINT, False): NP_("room", "All three together"),
    (Room.JOINT, True): NP_("room", "All three together"),
    (Room.CAUCUS_BORROWER, False): NP_("room", "In private with the mediator"),
    (Room.CAUCUS_LENDER, False): NP_("room", "In private with the mediator"),
    (Room.CAUCUS_BORROWER, True): NP_("room", "In private with the borrower"),
    (Room.CAUCUS_LENDER, True): NP_("room", "In private with the lender"),
    (Room.NOTES, True): NP_("room", "My notes"),
}
TAB_WORDS = {
    (Room.JOINT, False): NP_("tab of rooms", "All three together"),
    (Room.JOINT, True): NP_("tab of rooms", "All three together"),
    (Room.CAUCUS_BORROWER, False): NP_("tab of rooms", "In private"),
    (Room.CAUCUS_LENDER, False): NP_("tab of rooms", "In private"),
    (Room.CAUCUS_BORROWER, True): NP_("tab of rooms", "Borrower only"),
    (Room.CAUCUS_LENDER, True): NP_("tab of rooms", "Lender only"),
    (Room.NOTES, True): NP_("tab of rooms", "My notes"),
}
SEND_WORDS = {
    (Room.JOINT, False): NP_("send", "Send to the other side and the mediator"),
    (Room.JOINT, True): NP_("send", "Send to both sides"),
    (Room.CAUCUS_BORROWER, False): NP_("send", "Tell only the mediator"),
    (Room.CAUCUS_LENDER, False): NP_("send", "Tell only the mediator"),
    (Room.CAUCUS_BORROWER, True): NP_("send", "Tell only the borrower"),
    (Room.CAUCUS_LENDER, True): NP_("send", "Tell only the lender"),
    (Room.NOTES, True): NP_("send", "Keep this note"),
}
PASS_ON_WORDS = {
    Room.CAUCUS_BORROWER: NP_("pass on", "Pass on to the lender"),
    Room.CAUCUS_LENDER: NP_("pass on", "Pass on to the borrower"),
}
