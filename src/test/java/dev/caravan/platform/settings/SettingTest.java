package dev.caravan.platform.settings;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SettingTest {

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "ROLE | all api worker",
                "PROFILE | high-throughput high-reliability low-latency production",
                "PRODUCTION_ALLOW | '' embedded-broker embedded-broker,open-management plain-keys,embedded-database",
                "HTTP_MAX_HEADER | 1KiB 8192 16KiB 1MiB",
                "HTTP_MAX_REQUESTS | 1 1000 1000000",
                "HTTP_READ_TIMEOUT | 1s 30s 10m",
                "HTTP_RATE | 0 1 500",
                "HTTP_CORS_ORIGINS | '' * https://a.example http://localhost:3000,https://b.example http://[::1]:80",
                "HTTP_PORT | 0 1 8080 65535",
                "HTTP_MAX_BODY | 0 1 1048576 512B 10KiB 1MiB 1GiB",
                "KAFKA_TOPIC_REPLICATION | -1 1 3 32",
                "KAFKA_SECURITY_PROTOCOL | PLAINTEXT SSL SASL_PLAINTEXT SASL_SSL",
                "KAFKA_CONSUMER_WORKERS | 1 12 1000",
                "KAFKA_CONSUMER_FETCH_MAX_BYTES | 1 2147483647",
                "KAFKA_PRODUCER_ACKS | 0 1 all",
                "KAFKA_PRODUCER_IDEMPOTENT | true false",
                "KAFKA_PRODUCER_RETRIES | 0 2147483647",
                "KAFKA_PRODUCER_COMPRESSION | none gzip snappy lz4 zstd",
                "PUBLISH_TIMEOUT | 100ms 2s 10m 600000ms",
                "RETRY_ATTEMPTS | 1 4 20",
                "RETRY_BACKOFF | 0ms 100ms 60s 1m",
                "RETRY_DELAYS | 1s,10s,60s 0ms,0ms,0ms 1ms,2s,3m 239999ms,1s,1s",
                "DEDUPE_STORE | sql memory",
                "RETAIN_MESSAGE_IDS | 7d 24h 60m 3650d",
                "AUTH_ENABLED | true false",
                "EVENTS_TOPICS | '' shipments shipments,kafkas my-kafka",
                "WEBHOOKS_ENABLED | true false",
                "WEBHOOKS_ALLOWED_NETWORKS | '' 127.0.0.0/8 10.1.0.0/16,fd00:1::/32 0.0.0.0/0",
                "WEBHOOKS_RETRY_DELAYS | 5s 100ms,1m,2h,1d",
                "WEBHOOKS_DISABLE_AFTER | 1h 5d",
                "LOG_FORMAT | text json",
                "KAFKA_BROKERS | localhost:9092 a:1,b:2 127.0.0.1:9092 [::1]:9092 PLAINTEXT://k-1.kafka.svc:9092,k_2:65535",
                "DATABASE_URL | '' jdbc:postgresql://db:5432/caravan jdbc:postgresql:caravan jdbc:h2:mem:x jdbc:h2:file:/a/b;MODE=X",
                "DATA_DIR | data /var/lib/caravan /a+b/c%20d/#e:f",
            })
    void acceptsValidValues(String variable, String values) {
        assertThat(values.split(" ")).isNotEmpty().allSatisfy(value -> assertThat(
                        valid(variable, value.equals("''") ? "" : value))
                .as(value)
                .isTrue());
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "ROLE | '' ALL apis both",
                "PROFILE | fast High-Throughput",
                "PRODUCTION_ALLOW | all h2 embedded-broker;open-management",
                "HTTP_MAX_HEADER | '' 0 1023 2MiB",
                "HTTP_MAX_REQUESTS | 0 -1",
                "HTTP_READ_TIMEOUT | 0s 999ms 30",
                "HTTP_RATE | -1 x 1.5",
                "HTTP_CORS_ORIGINS | a.example https://a.example/ https://*.example *,https://a.example null",
                "HTTP_PORT | '' -1 65536 80a 8080.0 0x50 99999999999999999999",
                "HTTP_MAX_BODY | '' -1 1MB 1mib 1.5MiB MiB 1TiB 12345678901",
                "KAFKA_TOPIC_PARTITIONS | 0 -1 10001",
                "KAFKA_TOPIC_REPLICATION | -2 33",
                "KAFKA_SECURITY_PROTOCOL | '' plaintext TLS",
                "KAFKA_SASL_MECHANISM | plain SCRAM",
                "KAFKA_CONSUMER_WORKERS | 0 -1 1001",
                "KAFKA_CONSUMER_FETCH_MIN_BYTES | 0 2147483648",
                "KAFKA_CONSUMER_FETCH_MAX_WAIT | '' 0ms 9ms 100 21s",
                "KAFKA_PRODUCER_ACKS | '' -1 2 ALL",
                "KAFKA_PRODUCER_IDEMPOTENT | '' TRUE yes 1",
                "KAFKA_PRODUCER_RETRIES | -1 2147483648",
                "KAFKA_PRODUCER_COMPRESSION | '' zip GZIP",
                "PUBLISH_TIMEOUT | '' 2 99ms 0s 11m 600001ms 1h -2s 2sec 99999999999s",
                "RETRY_ATTEMPTS | 0 21 -1 four",
                "RETRY_BACKOFF | '' 100 61s -1s",
                "RETRY_BACKOFF_MAX | 2m x",
                "RETRY_DELAYS | '' 1s 1s,10s 1s,10s,60s,90s 1,2,3 1s,10s,4m 1s,,60s 1s;10s;60s 1s,10s,240s 1s,1s,240000ms",
                "RETRY_DELAYS | 1s,1s,99999999999999999999s 1s,1s,9223372036854775807s",
                "WEBHOOKS_ENABLED | '' yes",
                "WEBHOOKS_ALLOWED_NETWORKS | 127.0.0.1 10.0.0.0/33 example.com/8 fd00::/129 all",
                "WEBHOOKS_RETRY_DELAYS | '' 5 5s,,1m 5s;1m never",
                "WEBHOOKS_DISABLE_AFTER | '' 0d 5 59m",
                "DEDUPE_STORE | '' redis SQL",
                "RETAIN_MESSAGE_IDS | '' 0d 59m 7 3651d 7w -1d 1.5d 604800s",
                "AUTH_ENABLED | '' on True",
                "EVENTS_TOPICS | kafka shipments,a",
                "LOG_FORMAT | xml JSON",
                "DATABASE_POOL | 0 1001",
                "KAFKA_BROKERS | '' localhost localhost: :9092 a:1,b a:1;b:2 a:99999 a:x http://a:1/b ,",
                "DATABASE_URL | postgres://localhost/x jdbc: jdbc:postgresql: jdbc:mysql://db/c JDBC:H2:mem:x db",
                "DATA_DIR | '' /a;b /a,b /a\\b",
                "KAFKA_SASL_JAAS_CONFIG | user:secret Module; Module;required x",
            })
    void rejectsInvalidValues(String variable, String values) {
        assertThat(values.split(" ")).allSatisfy(value -> assertThat(valid(variable, value.equals("''") ? "" : value))
                .as(value)
                .isFalse());
    }

    @Test
    void everySettingIsUniqueAndDescribed() {
        assertThat(Setting.ALL).extracting(Setting::variable).doesNotHaveDuplicates();
        assertThat(Setting.ALL).allSatisfy(setting -> {
            assertThat(setting.description()).isNotBlank();
            assertThat(setting.expected()).isNotBlank();
        });
    }

    private static boolean valid(String variable, String value) {
        return Setting.ALL.stream()
                .filter(setting -> setting.variable().equals(variable))
                .findFirst()
                .orElseThrow()
                .valid()
                .test(value);
    }
}
