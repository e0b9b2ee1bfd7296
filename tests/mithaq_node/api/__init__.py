"""What programs call without a person beside them."""
