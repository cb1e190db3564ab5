"""From one submission to a graded notebook."""
