"""What is known to go wrong in ``peephole_ablation``: sentences, and changes of the answer.

Made from solutions/peephole_ablation/bank.py by `make exercises`: edit that file, not this one.
"""
