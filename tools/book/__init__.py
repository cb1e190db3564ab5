"""The book: its build, the execution of its chapters, and what is drawn for it."""
