"""The two processes that run a notebook: the student's code in one, the tests in the other.

Both are forks of a process in which the libraries are imported already.  They speak in frames;
what comes from the student's side is plain data, read strictly.

First called: `server.ForkServer.fork`
"""
