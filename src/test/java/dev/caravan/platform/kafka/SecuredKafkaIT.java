package dev.caravan.platform.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.caravan.embedded.EmbeddedBroker;
import dev.caravan.support.CaravanExtension.Program;
import dev.caravan.support.Http.Answer;
import dev.caravan.support.SelfSignedCertificate;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Brokers with TLS, SASL and ACLs. */
class SecuredKafkaIT {

    private static final String PLAIN =
            "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"%s\""
                    + " password=\"secret-%s\";";
    private static final String ORDER =
            "{\"id\":\"%s\",\"user_id\":\"7\",\"total\":1,\"status\":\"new\",\"timestamp\":\"2026-01-02T03:04:05Z\"}";

    @TempDir
    static Path folder;

    private static SelfSignedCertificate keys;
    private static EmbeddedBroker broker;
    private static Admin admin;

    @BeforeAll
    static void start() throws Exception {
        keys = new SelfSignedCertificate(folder);
        String clients = "listener.name.clients.";
        broker = EmbeddedBroker.start(
                folder.resolve("kafka"),
                0,
                Map.ofEntries(
                        Map.entry("listeners", "CLIENTS://127.0.0.1:0,CONTROLLER://127.0.0.1:0,BROKERS://127.0.0.1:0"),
                        Map.entry(
                                "listener.security.protocol.map",
                                "CLIENTS:SASL_SSL,CONTROLLER:PLAINTEXT,BROKERS:PLAINTEXT"),
                        Map.entry("inter.broker.listener.name", "BROKERS"),
                        Map.entry("sasl.enabled.mechanisms", "PLAIN,SCRAM-SHA-512,OAUTHBEARER"),
                        Map.entry(
                                clients + "plain.sasl.jaas.config",
                                "org.apache.kafka.common.security.plain.PlainLoginModule required"
                                        + " user_admin=\"secret-admin\" user_caravan=\"secret-caravan\";"),
                        Map.entry(
                                clients + "scram-sha-512.sasl.jaas.config",
                                "org.apache.kafka.common.security.scram.ScramLoginModule required;"),
                        Map.entry(
                                clients + "oauthbearer.sasl.jaas.config",
                                "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required"
                                        + " unsecuredLoginStringClaim_sub=\"broker\";"),
                        Map.entry(
                                clients + "ssl.keystore.location", keys.store().toString()),
                        Map.entry(clients + "ssl.keystore.type", "PKCS12"),
                        Map.entry(clients + "ssl.keystore.password", SelfSignedCertificate.PASSWORD),
                        Map.entry(clients + "ssl.key.password", SelfSignedCertificate.PASSWORD),
                        Map.entry("authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer"),
                        Map.entry("allow.everyone.if.no.acl.found", "true"),
                        Map.entry("super.users", "User:ANONYMOUS;User:admin")));
        Map<String, Object> properties = new HashMap<>(Map.of(
                "bootstrap.servers",
                broker.bootstrapServers(),
                "security.protocol",
                "SASL_SSL",
                "sasl.mechanism",
                "PLAIN",
                "sasl.jaas.config",
                PLAIN.formatted("admin", "admin"),
                "ssl.truststore.location",
                keys.store().toString(),
                "ssl.truststore.type",
                "PKCS12",
                "ssl.truststore.password",
                SelfSignedCertificate.PASSWORD));
        admin = Admin.create(properties);
        admin.alterUserScramCredentials(List.of(new UserScramCredentialUpsertion(
                        "caravan", new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4096), "secret-caravan")))
                .all()
                .get();
    }

    @AfterAll
    static void stop() {
        admin.close();
        broker.close();
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '|',
            value = {
                "SCRAM-SHA-512,"
                        + " |org.apache.kafka.common.security.scram.ScramLoginModule required username=\"caravan\" password=\"secret-caravan\";|",
                "OAUTHBEARER,"
                        + " |org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub=\"caravan\";|"
            })
    void publishesAndConsumes(String mechanism, String login) throws Exception {
        String id = UUID.randomUUID().toString();
        try (Program program = with(mechanism, login)) {
            await().untilAsserted(() -> assertThat(post(program, id).status()).isEqualTo(202));

            await().untilAsserted(() ->
                    assertThat(program.http().get("/order/" + id).status()).isEqualTo(200));
        }
    }

    @Test
    void answersADeniedWriteAndPublishesAfterTheAclIsGone() throws Exception {
        String id = UUID.randomUUID().toString();
        AclBinding denied = new AclBinding(
                new ResourcePattern(ResourceType.TOPIC, "orders", PatternType.LITERAL),
                new AccessControlEntry("User:caravan", "*", AclOperation.WRITE, AclPermissionType.DENY));
        try (Program program = with("PLAIN", PLAIN.formatted("caravan", "caravan"))) {
            admin.createAcls(List.of(denied)).all().get();
            try {
                // The broker applies the ACL later than it acknowledges it.
                await().untilAsserted(() -> {
                    Answer refused = post(program, UUID.randomUUID().toString());

                    assertThat(refused.status()).isEqualTo(500);
                    assertThat(refused.json().path("type").asText()).endsWith("not-published");
                    assertThat(refused.json().path("detail").asText()).startsWith("Kafka does not allow this program");
                    assertThat(refused.body()).doesNotContain("caravan\"", "secret");
                });
            } finally {
                admin.deleteAcls(List.of(denied.toFilter())).all().get();
            }

            await().untilAsserted(() -> assertThat(post(program, id).status()).isEqualTo(202));
            await().untilAsserted(() ->
                    assertThat(program.http().get("/order/" + id).status()).isEqualTo(200));
        }
    }

    private static Answer post(Program program, String id) {
        return program.http()
                .send(
                        "POST",
                        "/order",
                        ORDER.formatted(id),
                        Map.of("Content-Type", "application/json", "Message-ID", id));
    }

    private static Program with(String mechanism, String login) throws Exception {
        return Program.on(
                broker.bootstrapServers(),
                Map.of(
                        "kafka.security.protocol",
                        "SASL_SSL",
                        "kafka.sasl.mechanism",
                        mechanism,
                        "kafka.sasl.jaas.config",
                        login,
                        "kafka.ssl.truststore.location",
                        keys.store().toString(),
                        "kafka.ssl.truststore.password",
                        SelfSignedCertificate.PASSWORD,
                        "kafka.ssl.truststore.type",
                        "PKCS12"));
    }
}
