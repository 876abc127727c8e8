# The service alone: no kit, no tools, no tests. Migrations come along: `docker run ... alembic upgrade head`.
FROM python:3.13-slim AS build
ENV UV_PYTHON_DOWNLOADS=never UV_LINK_MODE=copy UV_COMPILE_BYTECODE=1
RUN pip install --no-cache-dir --disable-pip-version-check uv==0.13.8
WORKDIR /build
COPY pyproject.toml requirements.lock ./
# The lock holds the kit and its tools, too. Compiled over a copy of it, the list of what the service needs keeps the
# locked versions and hashes.
RUN cp requirements.lock runtime.txt \
    && uv pip compile --quiet --generate-hashes --extra mysql --extra redis --extra telemetry \
        --output-file runtime.txt pyproject.toml \
    && uv venv --quiet /venv \
    && VIRTUAL_ENV=/venv uv pip sync --quiet --no-build --require-hashes runtime.txt

FROM python:3.13-slim
RUN useradd --system --uid 10001 --no-create-home service
COPY --from=build /venv /venv
WORKDIR /service
COPY alembic.ini ./
COPY alembic alembic
COPY app app
RUN python -m compileall -q app
ENV PATH=/venv/bin:$PATH ENVIRONMENT=production PYTHONDONTWRITEBYTECODE=1
USER 10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/health/ready', timeout=4)"]
# On SIGTERM, requests under way have 20 seconds. FORWARDED_ALLOW_IPS names the proxies whose X-Forwarded-For counts.
CMD ["uvicorn", "--factory", "app.main:create_app", "--host", "0.0.0.0", "--port", "8000", \
     "--timeout-graceful-shutdown", "20", "--no-server-header"]
