"""The reference service: async FastAPI over SQLAlchemy 2. Imports point api -> services -> repositories -> schemas -> models -> core."""
