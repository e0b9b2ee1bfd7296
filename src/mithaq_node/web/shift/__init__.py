"""The shift: who is on duty, handing over and taking over, and the watch log."""
