"""The internal order of this party: desks, who sits at them, what comes to which. The operator changes it."""
