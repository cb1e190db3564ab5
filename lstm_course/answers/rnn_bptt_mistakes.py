"""What is known to go wrong in ``rnn_bptt``: sentences, and changes of the answer.

Made from solutions/rnn_bptt/bank.py by `make exercises`: edit that file, not this one.
"""
