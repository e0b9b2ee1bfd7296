"""`mithaq …`: one module per command."""
