"""Settings of all tests: drawn examples are the same on every run, however slow the machine is."""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "kit", derandomize=True, database=None, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("kit")
