"""What is known to go wrong in ``parallel_scan``: sentences, and changes of the answer.

Made from solutions/parallel_scan/bank.py by `make exercises`: edit that file, not this one.
"""
