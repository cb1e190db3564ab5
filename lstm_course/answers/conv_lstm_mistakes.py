"""What is known to go wrong in ``conv_lstm``: sentences, and changes of the answer.

Made from solutions/conv_lstm/bank.py by `make exercises`: edit that file, not this one.
"""
