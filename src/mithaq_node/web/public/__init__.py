"""What this node shows to anybody, where its operator has switched it on: how the crossings stand, and dangers to the
public."""

PREFIX = "/public/"
ALERTS = "/feeds/cap"
SESSIONLESS = (PREFIX, ALERTS)
"""Where the addresses begin that know no officer, no session and no cookie."""
