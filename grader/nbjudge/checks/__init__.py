"""What tests in notebooks call: it needs NumPy alone."""
