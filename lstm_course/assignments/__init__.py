"""What assignments build on: reference versions of earlier questions, and random test cases."""
