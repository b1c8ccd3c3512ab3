package dev.caravan.operations.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import dev.caravan.support.CaravanExtension;
import dev.caravan.support.CaravanExtension.Program;
import dev.caravan.support.Http;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The pages of the console in a real browser. Markup in messages is shown as text. */
@ExtendWith(CaravanExtension.class)
class ConsoleIT {

    private static final String MARKUP = "<img src=x onerror=alert(1)>";
    private static final String NAUGHTY = MARKUP + " " + "שלום🐫".repeat(400);

    /** The controls that the keyboard must reach. Changing figures redraw elements without replacing them. */
    private static final String CONTROLS =
            """
            () => [document, ...[...document.querySelectorAll('.editor')].map(each => each.shadowRoot)]
                .flatMap(root => [...root.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex="0"]')])
                .filter(each => !each.disabled && each.checkVisibility())""";

    /** Records the focused control if its focus is visible. */
    private static final String FOCUSED =
            """
            () => {
                let at = document.activeElement;
                if (at.shadowRoot) at = at.shadowRoot.activeElement;
                const shown = at.closest('.cm-editor') || at;
                if (getComputedStyle(shown).outlineStyle !== 'none') seen.add(at);
            }""";

    private static Browser browser;

    private final String id = UUID.randomUUID().toString();
    private Program program;
    private Http http;
    private Page page;

    @BeforeAll
    static void startBrowser() {
        browser = Browser.start();
    }

    @AfterAll
    static void stopBrowser() {
        if (browser != null) {
            browser.close();
        }
    }

    @BeforeEach
    void start(Program running) {
        program = running;
        http = running.http();
    }

    @AfterEach
    void expectNoBrowserErrors() {
        if (page != null) {
            page.context().close();
        }
        assertThat(browser.surprises()).isEmpty();
    }

    private void open(String hash) {
        page = browser.open(address(program, hash), ColorScheme.LIGHT);
    }

    private static String address(Program program, String hash) {
        return "http://127.0.0.1:" + program.http().port() + "/" + hash;
    }

    private Locator button(String name) {
        return page.getByRole(
                AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name).setExact(true));
    }

    /** A dead letter that violates the schema: an order without a total. */
    private String deadLetter(String key) {
        String value = "{\"id\":\"%s\",\"user_id\":\"%s\"}".formatted(key, MARKUP);
        program.records().write("orders", key, value.getBytes(StandardCharsets.UTF_8), Map.of("MessageID", id));
        return found(key);
    }

    private String found(String key) {
        return await().until(
                        () -> http.get("/api/v1/dead-letters?key=" + key)
                                .json()
                                .at("/items/0/id")
                                .asText(),
                        found -> !found.isEmpty());
    }

    @Test
    void flowShowsOperationsTopicsConsumersAndEffects() {
        open("");

        Locator orders = page.getByRole(AriaRole.REGION, new Page.GetByRoleOptions().setName("Topic orders"));
        assertThat(orders).containsText("POST /order");
        assertThat(orders).containsText("orders-process");
        assertThat(orders.locator("svg.wires path"))
                .hasCount(orders.locator(".at").count() - 1);
        assertThat(page.getByRole(AriaRole.IMG, new Page.GetByRoleOptions().setName("Processed per second"))
                        .locator("canvas"))
                .isVisible();
        orders.getByText("dead letters").first().click();
        assertThat(page).hasURL(Pattern.compile(".*#/dead-letters\\?consumer=orders&topic=orders"));
    }

    @Test
    void flowShowsEditsAndRejectedEditsAtOnce() throws Exception {
        open("#/flow");
        assertThat(page.getByText("Live", new Page.GetByTextOptions().setExact(true)))
                .isVisible();
        Path file = program.routes().resolve("drawn.camel.yaml");
        try {
            Files.writeString(
                    file,
                    "- route: { id: drawn, group: drawn, from: { uri: 'timer:drawn?delay=-1&repeatCount=1', steps: [ { log: Hi } ] } }");
            Locator box = page.getByRole(AriaRole.REGION, new Page.GetByRoleOptions().setName("Route drawn"));
            assertThat(box).isVisible();
            Files.writeString(file, "- route: { id: drawn, form: 'timer:drawn' }");
            assertThat(box).containsText("edit rejected");
        } finally {
            Files.delete(file);
        }
    }

    @Test
    void aMessageFoundByKeyShowsItsHistory() {
        deadLetter(id);
        open("#/message");

        page.getByRole(AriaRole.SEARCHBOX).fill(id);
        page.keyboard().press("Enter");

        assertThat(page).hasURL(Pattern.compile(".*#/message/" + id));
        Locator life = page.getByRole(AriaRole.LIST, new Page.GetByRoleOptions().setName("Life of the message"));
        assertThat(life).containsText("Accepted");
        assertThat(life).containsText("Attempt failed");
        assertThat(life).containsText("Dead letter");
        assertThat(page.getByRole(AriaRole.REGION, new Page.GetByRoleOptions().setName("Payload")))
                .containsText(MARKUP);
        button("Replay").click();
        assertThat(life).containsText("Replay");
    }

    @Test
    void messageIsFoundByItsOrderId() {
        String order =
                "{\"id\":\"%s\",\"user_id\":\"1\",\"total\":1,\"status\":\"new\",\"timestamp\":\"2026-01-02T03:04:05Z\"}";
        String message = http.postJson("/order", order.formatted(id)).header("Message-ID");
        await().until(() -> http.get("/order/" + id).status() == 200);
        open("#/message");

        page.getByRole(AriaRole.SEARCHBOX).fill(id);
        page.keyboard().press("Enter");

        assertThat(page).hasURL(Pattern.compile(".*#/message/" + message));
    }

    @Test
    void messageIsFoundByItsTrace() {
        String trace = id.replace("-", "");
        String message = http.send(
                        "POST",
                        "/api/v1/comments",
                        "{\"text\":\"Traced\"}",
                        Map.of(
                                "Content-Type",
                                "application/json",
                                "traceparent",
                                "00-" + trace + "-00f067aa0ba902b7-01"))
                .header("Message-ID");
        open("#/message");

        page.getByRole(AriaRole.SEARCHBOX).fill(trace);
        page.keyboard().press("Enter");

        assertThat(page).hasURL(Pattern.compile(".*#/message/" + message));
        assertThat(page.getByText("processed").first()).isVisible();
    }

    @Test
    void messagesOfUserTopicsAreFoundByKey() {
        for (String message : new String[] {"1", "2"}) {
            program.records()
                    .write(
                            "flaky",
                            id,
                            (id + " 0").getBytes(StandardCharsets.UTF_8),
                            Map.of("MessageID", id + message));
        }
        open("#/message?q=" + id);

        Locator found = page.getByRole(AriaRole.REGION, new Page.GetByRoleOptions().setName("Found"));
        assertThat(found.getByRole(AriaRole.LINK)).hasText(new String[] {id + "2", id + "1"});
        page.reload();
        found.getByRole(AriaRole.LINK).first().click();
        assertThat(page).hasURL(Pattern.compile(".*#/message/" + id + "2"));
    }

    @Test
    void inboxDeliversAMessageToAnotherUser() {
        open("#/inbox?a=3&b=4");
        String text = id + NAUGHTY;
        Locator left = page.getByRole(AriaRole.REGION, new Page.GetByRoleOptions().setName("Inbox left"));
        Locator right = page.getByRole(AriaRole.REGION, new Page.GetByRoleOptions().setName("Inbox right"));

        left.getByLabel("Message from 3 to 4").fill(text);
        page.keyboard().press("Enter");

        Locator row = right.getByRole(AriaRole.LISTITEM)
                .filter(new Locator.FilterOptions().setHasText(id))
                .first();
        assertThat(row.locator(".text")).hasText(text);
        assertThat(page).hasTitle(Pattern.compile("\\([0-9]+\\) Inbox.*"));
        row.getByRole(AriaRole.BUTTON).click();
        assertThat(row).containsText("read");
        assertThat(left.getByText("Follow this message")).isVisible();
    }

    @Test
    void aDeadLetterIsCorrectedByKeyboardUntilItIsValid() {
        String letter = deadLetter(id);
        open("#/dead-letters?key=" + id);
        assertThat(page.locator("tbody tr").filter(new Locator.FilterOptions().setHasText(id)))
                .hasCount(1);

        page.keyboard().press("Enter");
        assertThat(page).hasURL(Pattern.compile(".*#/dead-letters/" + letter + "\\?key=" + id));
        assertThat(page.getByRole(AriaRole.REGION, new Page.GetByRoleOptions().setName("Payload")))
                .containsText(MARKUP);
        page.keyboard().press("e");
        Locator dialog = page.getByRole(AriaRole.DIALOG);
        String order =
                "{\"id\":\"%s\",\"user_id\":\"7\",\n\"total\":%s,\n\"status\":\"new\",\"timestamp\":\"2026-01-02T03:04:05Z\"}";
        dialog.getByRole(AriaRole.TEXTBOX).fill(order.formatted(id, "-1"));
        assertThat(dialog.locator(".diff .add").first()).isVisible();
        button("Replay corrected").click();
        assertThat(dialog.getByRole(AriaRole.ALERT)).containsText("/total");
        assertThat(dialog.locator(".cm-line.bad")).containsText("\"total\":-1");
        dialog.getByRole(AriaRole.TEXTBOX).fill(order.formatted(id, "1"));
        button("Replay corrected").click();

        assertThat(page.getByText("was corrected and goes back")).isVisible();
        await().until(() -> http.get("/order/" + id).status() == 200);
    }

    @Test
    void keysMoveThroughDeadLettersAndReplayOne() {
        for (String message : new String[] {"1", "2"}) {
            program.records()
                    .write("orders", id, "{}".getBytes(StandardCharsets.UTF_8), Map.of("MessageID", id + message));
        }
        await().until(() ->
                http.get("/api/v1/dead-letters?key=" + id).json().at("/items").size() == 2);
        open("#/dead-letters?key=" + id);
        Locator rows = page.getByRole(AriaRole.REGION, new Page.GetByRoleOptions().setName("Dead letters, table"))
                .locator("tbody tr");
        assertThat(rows).hasCount(2);
        String second = rows.nth(1).getByRole(AriaRole.LINK).innerText();

        page.keyboard().press("j");
        assertThat(rows.nth(1)).hasClass(Pattern.compile("\\bon\\b"));
        page.keyboard().press("k");
        assertThat(rows.nth(0)).hasClass(Pattern.compile("\\bon\\b"));
        page.keyboard().press("j");
        page.keyboard().press("r");

        assertThat(page.getByText("Dead letter " + second + " goes back to")).isVisible();
    }

    @Test
    void bulkReplayNeedsADryRunFirst() {
        // This record fails until its first replay.
        program.records().write("flaky", id, (id + " 16").getBytes(StandardCharsets.UTF_8), Map.of("MessageID", id));
        found(id);
        open("#/dead-letters?key=" + id);
        button("Replay all that match…").click();

        assertThat(button("Replay 1 dead letter")).hasCount(0);
        button("Count first").click();
        button("Replay 1 dead letter").click();

        assertThat(page.getByText("1 of 1 replayed")).isVisible();
        button("Done").click();
        assertThat(page.getByRole(AriaRole.DIALOG)).hasCount(0);
    }

    @Test
    void aDeadLetterIsDiscardedWithAReason() {
        String letter = deadLetter(id);
        open("#/dead-letters/" + letter + "?key=" + id);
        button("Discard…").click();
        page.getByLabel("Reason", new Page.GetByLabelOptions().setExact(true)).fill("A test " + MARKUP);
        button("Discard 1 dead letter").click();

        assertThat(page.getByText("was discarded")).isVisible();
        assertThat(page.getByText("A test " + MARKUP)).isVisible();
    }

    @Test
    void routesAreStoppedAndStarted() {
        open("#/routes/comments.camel.yaml");

        button("Stop comments-list").click();
        button("Stop 1 route").click();
        assertThat(button("Start comments-list")).isVisible();
        assertThat(http.get("/api/v1/comments").status()).isEqualTo(503);
        button("Start comments-list").click();
        assertThat(button("Stop comments-list")).isVisible();
        assertThat(http.get("/api/v1/comments").status()).isEqualTo(200);
    }

    @Test
    void errorsInFilesAndDraftsAreMarkedAtTheirLines() throws Exception {
        Path file = program.routes().resolve("marked.camel.yaml");
        Files.writeString(file, "- route:\n    id: marked\n    form: '" + MARKUP + "'\n");
        try {
            await().until(() ->
                    http.get("/api/v1/routes/files/marked.camel.yaml").status() == 200);
            open("#/routes/marked.camel.yaml");

            Locator text = page.getByRole(AriaRole.TEXTBOX, new Page.GetByRoleOptions().setName("Text of the file"));
            assertThat(text.locator(".cm-line.bad")).hasText("    form: '" + MARKUP + "'");
            assertThat(text).containsText("Line 3, column 5: 'form' is not known here");

            button("Copy the text above").click();
            button("Check").click();
            Locator draft = page.getByLabel("Draft of marked.camel.yaml");
            assertThat(draft.locator(".cm-line.bad")).containsText("form");
            draft.fill("- route: { id: marked, from: { uri: 'direct:marked', steps: [ { log: Hello } ] } }");
            button("Check").click();
            assertThat(page.getByText("Its syntax is right")).isVisible();
        } finally {
            Files.delete(file);
        }
    }

    @Test
    void tryLinksToThePublishedMessage() {
        open("#/try/comments-post");
        page.getByLabel("Body").fill("{\"text\":\"" + id + "\"}");
        assertThat(page.getByRole(AriaRole.REGION, new Page.GetByRoleOptions().setName("curl command")))
                .containsText("--data-raw '{\"text\":\"" + id + "\"}'");

        button("Send").click();

        assertThat(page.getByRole(AriaRole.REGION, new Page.GetByRoleOptions().setName("Answer body")))
                .containsText(id);
        page.getByText("Follow message").click();
        assertThat(page.getByText("Processed").first()).isVisible();
    }

    /** Each page with some content. */
    private List<String> everyPage() {
        String letter = deadLetter(id);
        http.postJson("/send", "{\"fromID\":3,\"toID\":4,\"message\":\"%s\"}".formatted(NAUGHTY));
        return List.of(
                "#/flow",
                "#/message/" + id,
                "#/inbox?a=3&b=4",
                "#/dead-letters",
                "#/dead-letters/" + letter,
                "#/routes/orders.camel.yaml",
                "#/try/orders-post");
    }

    @Test
    void markupAndEmojiAreTextOnEveryPage() throws Exception {
        String key = MARKUP + id;
        String value = "{\"id\":\"%s\",\"user_id\":\"%s\"}".formatted(id, NAUGHTY);
        program.records().write("orders", key, value.getBytes(StandardCharsets.UTF_8), Map.of("MessageID", id));
        String letter = found(URLEncoder.encode(key, StandardCharsets.UTF_8));
        http.postJson("/send", "{\"fromID\":3,\"toID\":4,\"message\":\"%s\"}".formatted(NAUGHTY));
        Path file = program.routes().resolve("hostile.camel.yaml");
        Files.writeString(
                file,
                "- route: { id: hostile, group: hostile, description: '%s', from: { uri: 'timer:hostile?delay=-1&repeatCount=1', steps: [ { log: Hi } ] } }"
                        .formatted(MARKUP + "שלום🐫".repeat(50)));
        try {
            open("#/flow");
            for (String hash : List.of(
                    "#/flow",
                    "#/message/" + id,
                    "#/inbox?a=3&b=4",
                    "#/dead-letters",
                    "#/dead-letters/" + letter,
                    "#/routes/hostile.camel.yaml")) {
                page.navigate(address(program, hash));
                assertThat(page.locator("main").getByText(MARKUP).first()).isVisible();
                assertThat(page.locator("img[src=x]")).hasCount(0);
            }
            page.navigate(address(program, "#/try/comments-post"));
            page.getByLabel("Body").fill("{\"text\":\"" + NAUGHTY + "\"}");
            button("Send").click();
            assertThat(page.getByRole(AriaRole.REGION, new Page.GetByRoleOptions().setName("Answer body")))
                    .containsText(NAUGHTY);
            assertThat(page.locator("img[src=x]")).hasCount(0);
        } finally {
            Files.delete(file);
        }
    }

    @Test
    void everyControlIsReachableByTabWithVisibleFocus() {
        open("#/flow");
        for (String hash : everyPage()) {
            page.navigate(address(program, hash));
            assertThat(page.locator("main .card").first()).isVisible();
            assertThat(page.locator("[aria-busy]")).hasCount(0);
            page.evaluate("() => { document.activeElement.blur(); window.seen = new Set(); }");
            List<?> missed = unfocused();
            // Twice around, because new content may appear behind the focus.
            for (int key = 2 * missed.size() + 10; key > 0 && !missed.isEmpty(); key--) {
                page.keyboard().press("Tab");
                page.evaluate(FOCUSED);
                missed = unfocused();
            }

            assertThat(missed).as(hash).isEqualTo(List.of());
        }
    }

    private List<?> unfocused() {
        return (List<?>)
                page.evaluate("() => (" + CONTROLS + ")().filter(each => !seen.has(each)).map(each => each.outerHTML)");
    }

    @ParameterizedTest
    @EnumSource(names = {"LIGHT", "DARK"})
    void axeFindsNoViolations(ColorScheme scheme) {
        page = browser.open(address(program, "#/flow"), scheme);
        for (String hash : everyPage()) {
            page.navigate(address(program, hash));
            assertThat(page.locator("main .card").first()).isVisible();
            assertThat(page.locator("[aria-busy]")).hasCount(0);

            assertThat(browser.violations(page)).as(hash).isEmpty();
        }
    }
}
