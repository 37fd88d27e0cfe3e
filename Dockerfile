FROM python:3.12-slim

ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 MALLOC_ARENA_MAX=2 DJANGO_SETTINGS_MODULE=shopmsg.settings.prod
WORKDIR /app
RUN useradd --system --uid 10001 --home-dir /app --shell /usr/sbin/nologin shopmsg

COPY pyproject.toml requirements.lock ./
RUN pip install --no-cache-dir -q -U pip==26.3 \
 && pip install --no-cache-dir -q -c requirements.lock --group app

COPY . .
# Static files belong to the code, so they are made here; the values below only let the settings load and are not kept.
RUN SECRET_KEY=build BASE_URL=https://build.invalid DATABASE_URL=postgresql://build.invalid/build \
    REDIS_URL=redis://build.invalid/0 HOOK_SOURCES='{}' SYSTEM_SENDER=18773592 OPTOUT_080=08012345678 \
    SEAL_KEYS=1:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY= INDEX_KEYS=1:ZmVkY2JhOTg3NjU0MzIxMGZlZGNiYTk4NzY1NDMyMTA= \
    SOLAPI_API_KEY=build SOLAPI_API_SECRET=build SOLAPI_REPORT_SECRET=build \
    python manage.py collectstatic --no-input --verbosity 0 \
 && mkdir -p .data/media .data/documents && chown -R shopmsg:shopmsg .data/media .data/documents

USER shopmsg
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as u; u.urlopen(u.Request('http://127.0.0.1:8000/healthz', headers={'Host': os.environ['ALLOWED_HOSTS'].split(',')[0].lstrip('.')}), timeout=4)"]
CMD ["python", "-m", "gunicorn", "shopmsg.wsgi", "--bind", "0.0.0.0:8000", "--worker-class", "gthread", "--workers", "2", "--threads", "16", "--preload", "--graceful-timeout", "30", "--no-control-socket", "--worker-tmp-dir", "/dev/shm"]
