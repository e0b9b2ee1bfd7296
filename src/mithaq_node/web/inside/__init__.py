"""What stays on this side: who has a matter in hand, remarks, registry numbers. For the party's own officers alone."""
