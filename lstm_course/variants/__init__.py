"""The variants of the LSTM: one module for each idea.

``NAME.py`` holds the NumPy reference, forward and backward; ``NAME_torch.py`` and
``NAME_keras.py`` the same cell in a framework, where the framework does not ship it.
"""
