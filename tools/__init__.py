"""What builds, checks and measures the course; each module runs as ``python -m tools.NAME``."""
