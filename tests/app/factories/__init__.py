"""Rows for tests, made through the services. `numbers` keeps values that must be unique apart."""

from itertools import count

numbers = count(1)
