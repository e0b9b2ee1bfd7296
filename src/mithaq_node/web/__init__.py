"""The pages that officers see, one folder per place they go."""
