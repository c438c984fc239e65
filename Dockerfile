# One image for every role: workers, beat, flower, the demo site, the command. The compose file says who is who.
FROM python:3.13-slim AS build

RUN python -m venv /opt/newsmill
ENV PATH=/opt/newsmill/bin:$PATH PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1

# The dependencies change less often than the code: with an empty package they make a layer of their own.
WORKDIR /build
COPY pyproject.toml constraints.txt README.md LICENSE ./
RUN mkdir newsmill workers && touch newsmill/__init__.py workers/__init__.py && pip install -q -c constraints.txt '.[monitor,web]'
COPY newsmill newsmill
COPY workers workers
RUN pip install -q --no-deps --force-reinstall . && pip uninstall -q -y pip


FROM python:3.13-slim AS newsmill

RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin newsmill \
    && mkdir -p /data /etc/newsmill \
    && chown newsmill /data
COPY --from=build /opt/newsmill /opt/newsmill
COPY config /etc/newsmill

ENV PATH=/opt/newsmill/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    NEWSMILL_CONFIG_DIR=/etc/newsmill \
    NEWSMILL_DATA=/data
USER newsmill
WORKDIR /data
CMD ["newsmill", "--help"]


# With a browser, for the queue `render`.
FROM build AS build-render
RUN python -m ensurepip && python -m pip install -q -c constraints.txt '.[monitor,render,web]' && python -m pip uninstall -q -y pip


FROM newsmill AS render
USER root
RUN apt-get update -q && apt-get install -y -q --no-install-recommends chromium && rm -rf /var/lib/apt/lists/*
COPY --from=build-render /opt/newsmill /opt/newsmill
USER newsmill


FROM newsmill
