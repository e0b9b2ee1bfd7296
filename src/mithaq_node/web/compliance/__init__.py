"""What is owed, and how both sides keep their deadlines."""
