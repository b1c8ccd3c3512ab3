package dev.caravan.packaged;

import static java.nio.file.StandardOpenOption.APPEND;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.GreenMailUtil;
import dev.caravan.support.CaravanProcess;
import dev.caravan.support.MailServer;
import dev.caravan.support.Postgres;
import jakarta.mail.Message.RecipientType;
import jakarta.mail.internet.MimeMessage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** The example of a digest by mail, added to the packaged program as a user would add it. */
class DigestIT {

    private static final String YAML = "digest.camel.yaml";
    private static final String XML = "digest.camel.xml";

    @TempDir
    private Path folder;

    private final GreenMail mail = MailServer.create();

    /** The unpacked archive, extended by the steps of the page. */
    private Path home() throws Exception {
        Path home = CaravanProcess.unpack(folder);
        try (CaravanProcess add = CaravanProcess.start(home, folder, Map.of(), "add", "camel-mail")) {
            assumeThat(add.exitCode(Duration.ofMinutes(2)))
                    .as(() -> "camel-mail is neither in ~/.m2 nor can it be downloaded: " + add.output())
                    .isZero();
        }
        int port = mail.getSmtp().getServerSetup().getPort();
        try (Guide page = new Guide(Path.of("docs/extending.md"), "A digest by mail", home, Map.of())
                .with("mail.example.org:25", "127.0.0.1:" + port)) {
            page.follow();
        }
        Files.writeString(
                home.resolve("application.properties"),
                "digest.period=500\ndigest.wait=200\ndigest.repeat=500\n",
                APPEND);
        return home;
    }

    private Stream<MimeMessage> mails(String address) {
        return Stream.of(mail.getReceivedMessages()).filter(each -> {
            try {
                return each.getRecipients(RecipientType.TO)[0].toString().equals(address);
            } catch (jakarta.mail.MessagingException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    private static void send(CaravanProcess caravan, int to, String message) {
        assertThat(caravan.http()
                        .postForm("/send", "fromID=3&toID=" + to + "&message=" + message)
                        .status())
                .isEqualTo(200);
        await().untilAsserted(() ->
                assertThat(caravan.http().get("/notifications/" + to).body()).contains(message));
    }

    @Test
    void mailsUnreadNotificationsOnceHonouringQuietHoursAndOptOut() throws Exception {
        Path home = home();
        try (Postgres postgres = Postgres.start(folder.resolve("postgres"))) {
            JdbcTemplate database = new JdbcTemplate(new DriverManagerDataSource(postgres.url(), postgres.user(), ""));
            Map<String, String> settings = Map.of("DATABASE_URL", postgres.url(), "DATABASE_USER", postgres.user());
            try (CaravanProcess caravan =
                    CaravanProcess.start(home, folder, settings).untilReady()) {
                send(caravan, 1, "first");
                send(caravan, 1, "Grüße");
                send(caravan, 2, "quiet");
                send(caravan, 3, "unwanted");
                send(caravan, 4, "seen");
                assertThat(caravan.http().postForm("/notifications/4/read", "").status())
                        .isEqualTo(204);
                mail.start();

                database.update("INSERT INTO digests (user_id, address, quiet_hours, opted_out) VALUES"
                        + " (1, 'micho@example.org', NULL, FALSE), (2, 'tito@example.org', '00:00-24:00', FALSE),"
                        + " (3, 'rick@example.org', NULL, TRUE), (4, 'negro@example.org', NULL, FALSE)");

                await().untilAsserted(() -> assertThat(mails("micho@example.org"))
                        .singleElement()
                        .satisfies(each -> assertThat(
                                        each.getContent().toString().strip().lines())
                                .containsExactly("Rick: first", "Rick: Grüße")));
                assertThat(GreenMailUtil.getHeaders(
                                mails("micho@example.org").findFirst().orElseThrow()))
                        .contains("Subject: New notifications: 2")
                        .doesNotContain("caravan-", "MessageID");

                // The program knows that the mail was accepted; otherwise it would send it again.
                await().until(() ->
                        0 == database.queryForObject("SELECT COUNT(*) FROM digest_mails_completed", Integer.class));
                mail.stop();
                send(caravan, 1, "kept");
                await().until(() ->
                        1 == database.queryForObject("SELECT COUNT(*) FROM digest_mails_completed", Integer.class));
                caravan.kill();
            }
            Files.delete(home.resolve("routes").resolve(YAML));
            Files.copy(
                    home.resolve("examples/digest").resolve(XML),
                    home.resolve("routes").resolve(XML));
            try (CaravanProcess caravan =
                    CaravanProcess.start(home, folder, settings).untilReady()) {
                mail.start();
                await().untilAsserted(() -> assertThat(mails("micho@example.org"))
                        .extracting(each -> each.getContent().toString().strip())
                        .containsExactly("Rick: kept"));

                database.update("UPDATE digests SET quiet_hours = NULL");
                await().untilAsserted(() -> assertThat(mails("tito@example.org"))
                        .extracting(each -> each.getContent().toString().strip())
                        .containsExactly("Rick: quiet"));
                assertThat(mail.getReceivedMessages()).hasSize(2);
                assertThat(caravan.terminate()).isZero();
            }
        } finally {
            mail.stop();
        }
    }
}
