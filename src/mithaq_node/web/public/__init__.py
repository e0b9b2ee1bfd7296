"""What this node shows to anybody, where its operator has switched it on: how the crossings stand."""
