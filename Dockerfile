# One image with every program of the suite; the command chooses which one runs.
#
#   docker build -t baliprocess --build-arg COMMIT="$(git rev-parse HEAD)" .
#   docker run baliprocess membership --help
#
# The programs run as user 10001 or any other of group 0, on a root that may be read-only, and write
# to /var/lib/baliprocess alone (make-identities to /identities, --ship_changes to /shipped).

ARG BASE=debian:bookworm-slim

# What npm fetches. Nothing else needs npm.
FROM ${BASE} AS contracts
WORKDIR /src
COPY deploy/install-packages deploy/fetch-protos deploy/
RUN deploy/install-packages contracts
COPY proto/package.json proto/package-lock.json proto/
COPY web/package.json web/package-lock.json web/
RUN deploy/fetch-protos && deploy/fetch-protos web

# Compiled in three steps, so that a change of a service doesn't compile the contracts again, nor
# what is common.
FROM ${BASE} AS build
WORKDIR /src
COPY deploy/install-packages deploy/
RUN deploy/install-packages compile
COPY CMakeLists.txt CMakePresets.json ./
COPY common/cmake common/cmake
COPY proto proto
COPY --from=contracts /src/proto/node_modules proto/node_modules
RUN mkdir services \
 && touch common/CMakeLists.txt services/CMakeLists.txt \
 && cmake --preset release -DBALI_TESTS=OFF \
 && cmake --build --preset release
COPY common common
RUN cmake --preset release \
 && cmake --build --preset release
COPY services services
COPY web web
COPY --from=contracts /src/web/node_modules web/node_modules
ARG COMMIT=
RUN cmake --preset release -DBALI_COMMIT="$COMMIT" \
 && cmake --build --preset release --target membership meetings capacity gateway balictl \
 && strip build/release/bin/*
COPY deploy/trim-icu deploy/
RUN deploy/trim-icu build/icu/libicudata.so.72

FROM ${BASE} AS runtime
COPY deploy/install-packages deploy/remove-unused /tmp/
# Whoever runs with another uid, as OpenShift wants, is in group 0.
RUN bash /tmp/install-packages runtime \
 && bash /tmp/remove-unused \
 && useradd --system --uid 10001 --gid 0 --no-create-home --no-log-init baliprocess \
 && install -d -o baliprocess -g root -m 0770 /var/lib/baliprocess /shipped /identities \
      /identities/ca /identities/public /identities/operator /identities/membership \
      /identities/meetings /identities/capacity /identities/gateway /identities/postgres
COPY deploy/make-identities deploy/sbom /usr/local/bin/
COPY deploy/data /usr/share/baliprocess/data
COPY --from=build /src/build/release/bin/ /usr/local/bin/
COPY --from=build /src/build/icu/ /usr/local/lib/
ARG VERSION=0.1.0
ARG COMMIT=
RUN ldconfig \
 && sbom "$VERSION" "$COMMIT" >/usr/share/baliprocess/sbom.spdx.json
LABEL org.opencontainers.image.title="Bali Process suite" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.revision="$COMMIT" \
      org.opencontainers.image.base.name="debian:bookworm-slim"
USER 10001:0
WORKDIR /var/lib/baliprocess
# The gateway, the services, and what each of them has for operators.
EXPOSE 8443 7401 7402 7403 9440
# SIGTERM drains.
STOPSIGNAL SIGTERM
# Of programs that have --admin_listen at this port.
HEALTHCHECK --interval=5s --timeout=3s --start-period=10s --retries=3 \
  CMD ["balictl", "health", "--own", "--admin", "127.0.0.1:9440"]
CMD ["balictl", "help"]
