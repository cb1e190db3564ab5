"""What is known to go wrong in ``crf``: sentences, and changes of the answer.

Made from solutions/crf/bank.py by `make exercises`: edit that file, not this one.
"""
