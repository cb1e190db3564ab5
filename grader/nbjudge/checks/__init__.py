"""What the tests of a notebook call: on a student's machine and in the judge's process alike.

They compare what the student's code returned with what is right, and say what may be said.

First called: `arrays.check_array`
"""
