"""The processes of a run: the judge, the student's, and what passes between them."""
