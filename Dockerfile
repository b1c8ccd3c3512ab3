FROM maven:3.9-eclipse-temurin-17 AS build
WORKDIR /build
COPY pom.xml application.properties LICENSE README.md ./
COPY src src
# Tests start brokers and databases: they run in CI, not in every image build.
RUN --mount=type=cache,target=/root/.m2 mvn -B -ntp package -Dmaven.test.skip=true -DskipTests \
    && rm -r target/caravan/lib/broker
# A Java with the modules that Caravan and its libraries need, and jcmd. Components that are added later may need more of Java SE,
# so all of that is in. Compressed: 30 MB less, at no measurable cost. Its archive of JDK classes takes 12 MB and saves 0.3 s of a start.
RUN jlink --add-modules java.se,jdk.charsets,jdk.crypto.ec,jdk.jcmd,jdk.jfr,jdk.management,jdk.naming.dns,jdk.net,jdk.security.auth,jdk.security.jgss,jdk.unsupported,jdk.zipfs \
    --strip-java-debug-attributes --no-man-pages --no-header-files --compress=2 --output /opt/java \
    && /opt/java/bin/java -Xshare:dump

# The launcher needs a shell. No JDK, Maven, curl or broker.
FROM debian:bookworm-slim
# A number, because Kubernetes can't tell from a name that the user is not root. "caravan add" reads settings.xml in its home.
RUN useradd --uid 10001 --home-dir /home/caravan --create-home caravan && install -d -o 10001 -g 10001 /var/lib/caravan
COPY --from=build /opt/java /opt/java
COPY --from=build /build/target/caravan /opt/caravan
# For images that add components.
RUN install -d -o 10001 -g 10001 /opt/caravan/lib/ext
# It listens on the container's loopback until HTTP_HOST=0.0.0.0 is set, together with AUTH_ENABLED=true and tokens, or with
# ALLOW_UNAUTHENTICATED=true where nobody else can reach the published port.
ENV JAVA_HOME=/opt/java DATA_DIR=/var/lib/caravan
VOLUME /var/lib/caravan
WORKDIR /var/lib/caravan
USER 10001:10001
EXPOSE 8080 8081
ENTRYPOINT ["/opt/caravan/bin/caravan"]
