"""The instrument: the memorandum as one machine-checked law that every party has sealed."""
