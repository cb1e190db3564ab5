"""What is known to go wrong in ``torch_training``: sentences, and changes of the answer.

Made from solutions/torch_training/bank.py by `make exercises`: edit that file, not this one.
"""
