"""Filing: from a form that the instrument makes to a notice signed by its first officer."""
