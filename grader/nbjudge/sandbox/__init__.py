"""What keeps a student's process in: a jail, and a filter of system calls."""
