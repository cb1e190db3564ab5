"""What is known to go wrong in ``seq2seq_attention``: sentences, and changes of the answer.

Made from solutions/seq2seq_attention/bank.py by `make exercises`: edit that file, not this one.
"""
