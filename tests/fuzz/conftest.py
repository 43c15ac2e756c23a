"""The profile that `make fuzz` runs these tests with; without it they take Hypothesis's own hundred examples."""

from hypothesis import settings

# A slow example is no failure here: the machine may be busy, and each test has its own time limit.
settings.register_profile("fuzz", max_examples=5_000, deadline=None)
