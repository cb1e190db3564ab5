"""Are the tests of a notebook strict enough?  Wrong and right answers, and mutants, say so."""
