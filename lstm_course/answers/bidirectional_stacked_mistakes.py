"""What is known to go wrong in ``bidirectional_stacked``: sentences, and changes of the answer.

Made from solutions/bidirectional_stacked/bank.py by `make exercises`: edit that file, not this one.
"""
