# One image with every program of the suite; the command chooses which one runs.
#
#   docker build -t baliprocess .
#   docker run baliprocess membership --help

FROM debian:bookworm-slim AS build
WORKDIR /src
COPY deploy/install-packages deploy/fetch-protos deploy/
RUN deploy/install-packages build
COPY proto proto
RUN deploy/fetch-protos
COPY CMakeLists.txt CMakePresets.json ./
COPY common common
COPY services services
RUN cmake --preset release -DBALI_TESTS=OFF \
 && cmake --build --preset release --target membership meetings capacity gateway balictl \
 && strip build/release/bin/*

FROM debian:bookworm-slim AS runtime
COPY deploy/install-packages /tmp/
RUN bash /tmp/install-packages runtime \
 && rm -rf /tmp/install-packages /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --user-group --no-create-home baliprocess \
 && install -d -o baliprocess -g baliprocess /var/lib/baliprocess /identities
COPY --from=build /src/build/release/bin/ /usr/local/bin/
COPY deploy/make-identities /usr/local/bin/
COPY deploy/data /usr/share/baliprocess/data
USER 10001:10001
WORKDIR /var/lib/baliprocess
VOLUME /var/lib/baliprocess
# The gateway and its pages for operators; the first of the services, others listen where their command says.
EXPOSE 8443 9443 7401
# SIGTERM drains.
STOPSIGNAL SIGTERM
CMD ["balictl", "help"]
