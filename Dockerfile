# syntax=docker/dockerfile:1
# Daogou on CPU: one image for the workers and for the Chroma server they lean on (its Rust server comes with chromadb).
#
#   docker build -t daogou .
#   docker run --rm -p 127.0.0.1:8501:8501 -v shop:/data daogou sh -c 'daogou demo --if-empty && exec daogou serve --host 0.0.0.0'
#
# What the image writes, it writes to /data and /tmp: the rest may be read-only.
ARG PYTHON=3.11-slim-bookworm

FROM python:${PYTHON} AS build
# torch without CUDA, which would be two gigabytes more; the version is the one of constraints.txt
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
# what goes in beside the base: PostgreSQL, and models by OpenAI's protocol
ARG EXTRAS=postgres,openai
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
RUN python -m venv /opt/daogou
ENV PATH=/opt/daogou/bin:$PATH
WORKDIR /src
# Libraries first: they change seldom, and this layer is kept when only our own code does.
COPY pyproject.toml constraints.txt ./
RUN python -c "import sys, tomllib; \
        p = tomllib.load(open('pyproject.toml', 'rb'))['project']; \
        more = [d for extra in sys.argv[1].split(',') for d in p['optional-dependencies'][extra]]; \
        print(*p['dependencies'], *more, sep='\n')" "$EXTRAS" > requirements.txt \
    && pip install --extra-index-url "$TORCH_INDEX" -c constraints.txt -r requirements.txt
# The same OpenCV without windows: it needs no X11 beside it.
RUN pip uninstall --yes opencv-python \
    && pip install --no-deps "$(sed -n 's/^opencv-python==/opencv-python-headless==/p' constraints.txt)"
COPY README.md LICENSE ./
COPY agent agent
COPY perception perception
COPY prompts prompts
COPY store store
COPY tools tools
COPY ui ui
RUN pip install --no-deps .

FROM python:${PYTHON} AS run
LABEL org.opencontainers.image.title="Daogou" \
      org.opencontainers.image.description="A shopping guide that sees" \
      org.opencontainers.image.licenses="Apache-2.0"
RUN groupadd --system --gid 10001 daogou \
    && useradd --system --uid 10001 --gid daogou --home-dir /tmp --no-create-home --shell /usr/sbin/nologin daogou \
    && install -d -o daogou -g daogou -m 0750 /data /chroma
COPY --from=build /opt/daogou /opt/daogou
# hadolint ignore=DL3064  # the only token here is of a tokenizer
ENV PATH=/opt/daogou/bin:$PATH \
    HOME=/tmp \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    ANONYMIZED_TELEMETRY=False \
    TOKENIZERS_PARALLELISM=false \
    DAOGOU_DATA=/data \
    DAOGOU_LOG=json
USER 10001:10001
WORKDIR /data
VOLUME ["/data"]
EXPOSE 8501
STOPSIGNAL SIGTERM
# Alive, not ready: a worker whose database is away is no better after a restart. compose.yaml asks /readyz.
HEALTHCHECK --interval=15s --timeout=5s --start-period=120s --retries=3 \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8501/healthz', timeout=4)"]
CMD ["daogou", "serve", "--host", "0.0.0.0", "--port", "8501"]
