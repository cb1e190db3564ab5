"""JupyterLab as this course uses it (`make lab`): see `__main__`."""
