"""What one node is told about itself, read once and refused when odd."""
