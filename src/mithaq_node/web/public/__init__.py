"""What this node shows to anybody, where its operator has switched it on: how the crossings stand."""

PREFIX = "/public/"
"""Where the addresses begin that know no officer, no session and no cookie."""
