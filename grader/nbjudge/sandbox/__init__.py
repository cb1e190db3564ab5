"""What a process that runs a submission is shut into.

The engine makes an empty jail with bubblewrap; the process that was forked for it moves in and
gives up its rights.

First called: `bubblewrap.Jail`
"""
