package dev.caravan.operations.console;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.BrowserType;
import com.microsoft.playwright.CDPSession;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.ColorScheme;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** The installed Chromium, with access to the program only. Without it the tests are skipped. */
public final class Browser implements AutoCloseable {

    private static final List<String> ARGUMENTS = List.of(
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync");

    private final Playwright playwright;
    private final com.microsoft.playwright.Browser chromium;
    private final List<String> surprises = new ArrayList<>();

    private Browser(Path program) {
        playwright = Playwright.create(
                new Playwright.CreateOptions().setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
        chromium = playwright
                .chromium()
                .launch(new BrowserType.LaunchOptions()
                        .setExecutablePath(program)
                        .setArgs(ARGUMENTS));
    }

    public static Browser start() {
        Optional<Path> program = find();
        assumeTrue(program.isPresent(), "The console is not tested: there is no chromium on the PATH");
        return new Browser(program.get());
    }

    private static Optional<Path> find() {
        return Stream.of(System.getenv("PATH").split(java.io.File.pathSeparator))
                .flatMap(folder -> Stream.of("chromium", "chromium-browser", "google-chrome")
                        .map(name -> Path.of(folder, name)))
                .filter(Files::isExecutable)
                .findFirst();
    }

    Page open(String address, ColorScheme scheme) {
        BrowserContext context =
                chromium.newContext(new com.microsoft.playwright.Browser.NewContextOptions().setColorScheme(scheme));
        context.setDefaultTimeout(120_000);
        PlaywrightAssertions.setDefaultAssertionTimeout(120_000);
        Page page = context.newPage();
        page.onDialog(dialog -> surprises.add("alert: " + dialog.message()));
        page.onPageError(surprises::add);
        page.onConsoleMessage(message -> {
            if (message.text().contains("Content Security Policy")) {
                surprises.add(message.text());
            }
        });
        page.navigate(address);
        return page;
    }

    /** Opens a URL whose certificate is self-signed. */
    public Page openSelfSigned(String address) {
        Page page = chromium.newPage(new com.microsoft.playwright.Browser.NewPageOptions().setIgnoreHTTPSErrors(true));
        page.navigate(address);
        return page;
    }

    /** Script errors, alerts and violations of the Content-Security-Policy since the last call. */
    List<String> surprises() {
        List<String> all = List.copyOf(surprises);
        surprises.clear();
        return all;
    }

    /** The violations that axe finds in the current page, each with its first element. */
    @SuppressWarnings("unchecked")
    List<String> violations(Page page) {
        // Through the debugger, because the page's policy blocks scripts from elsewhere.
        CDPSession debugger = page.context().newCDPSession(page);
        com.google.gson.JsonObject script = new com.google.gson.JsonObject();
        script.addProperty("expression", axe());
        debugger.send("Runtime.evaluate", script);
        return (List<String>)
                page.evaluate("async () => (await axe.run(document, { resultTypes: ['violations'] })).violations"
                        + ".map(each => each.id + ' at ' + each.nodes[0].target.join(' '))");
    }

    private static String axe() {
        String file = "/META-INF/resources/webjars/axe-core/4.6.3/axe.min.js";
        try (InputStream in = Browser.class.getResourceAsStream(file)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        playwright.close();
    }
}
