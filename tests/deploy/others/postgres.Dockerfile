# Like the image postgres:15-bookworm, as far as deploy/compose.yaml uses it.
FROM debian:bookworm-slim
COPY postgres-entrypoint /tmp/
RUN mkdir -p /etc/postgresql-common \
 && echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.conf \
 && apt-get update -qq \
 && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends postgresql-15 \
 && rm -rf /var/lib/apt/lists/* \
 && install -m 755 /tmp/postgres-entrypoint /usr/local/bin/ \
 && useradd --uid 10001 --gid 0 --no-create-home --no-log-init somebody \
 && install -d -m 1777 /var/lib/postgresql/data
ENV PATH=/usr/lib/postgresql/15/bin:$PATH
ENTRYPOINT ["postgres-entrypoint"]
CMD ["postgres"]
