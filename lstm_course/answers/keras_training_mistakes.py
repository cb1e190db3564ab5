"""What is known to go wrong in ``keras_training``: sentences, and changes of the answer.

Made from solutions/keras_training/bank.py by `make exercises`: edit that file, not this one.
"""
