"""What is known to go wrong in ``lstm_backward``: sentences, and changes of the answer.

Made from solutions/lstm_backward/bank.py by `make exercises`: edit that file, not this one.
"""
