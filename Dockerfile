# The program only: no shell, no package manager, no root.
#
#   docker build --tag tenantry .
FROM docker.io/library/rust:1.95-alpine AS build
RUN apk add --no-cache build-base
WORKDIR /src
COPY Cargo.toml Cargo.lock rust-toolchain.toml ./
COPY apps apps
COPY crates crates
COPY migrations migrations
RUN cargo build --locked --profile dist --package tenantry --bin tenantry \
    && mkdir -p /root-of-image/data \
    && cp target/dist/tenantry /root-of-image/tenantry \
    && chown -R 65532:65532 /root-of-image/data

FROM scratch
COPY --from=build /root-of-image /
USER 65532:65532
# The default location of the embedded database. Mount a volume here to keep it.
WORKDIR /data
ENV TENANTRY__SERVER__HOST=0.0.0.0
EXPOSE 8080
ENTRYPOINT ["/tenantry"]
