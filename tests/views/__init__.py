"""What people see, from values."""
