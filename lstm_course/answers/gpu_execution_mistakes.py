"""What is known to go wrong in ``gpu_execution``: sentences, and changes of the answer.

Made from solutions/gpu_execution/bank.py by `make exercises`: edit that file, not this one.
"""
