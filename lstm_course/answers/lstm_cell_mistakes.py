"""What is known to go wrong in ``lstm_cell``: sentences, and changes of the answer.

Made from solutions/lstm_cell/bank.py by `make exercises`: edit that file, not this one.
"""
