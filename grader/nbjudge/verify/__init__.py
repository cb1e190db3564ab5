"""Are the tests of a notebook strict enough?  Wrong and right answers, and mutants, say so.

It is not on the way of a submission; it has the same engine grade what an author wrote.

First called: `mutants.mutants`
"""
