"""Measurements: what the product costs, and beside what others cost."""
