"""What a party keeps for itself, looked for in every byte that leaves its node."""
