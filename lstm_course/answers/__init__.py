"""The answers and hidden inputs of the assignments, made by `make exercises` from solutions/.

``NAME`` holds the answers to an assignment: its notebook binds them where later questions build
on earlier ones, and hidden tests compare with them.  ``NAME_cases`` draws the inputs.
"""
