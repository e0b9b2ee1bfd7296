"""Release: the second officer reads exactly what will leave, and signs or hands it back."""
