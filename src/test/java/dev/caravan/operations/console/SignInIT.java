package dev.caravan.operations.console;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import dev.caravan.support.CaravanExtension.Program;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The console of a program with authentication enabled. */
class SignInIT {

    private static Browser browser;
    private static Program program;
    private static String address;

    @BeforeAll
    static void start() throws Exception {
        browser = Browser.start();
        program = Program.start(Map.of("auth.enabled", "true", "auth.tokens", "user=1,operator=2:operator"));
        address = "http://127.0.0.1:" + program.http().port() + "/";
    }

    @AfterAll
    static void stop() throws Exception {
        if (program != null) {
            program.close();
        }
        if (browser != null) {
            browser.close();
        }
    }

    private static Page signedIn(String token) {
        Page page = browser.open(address, ColorScheme.LIGHT);
        page.getByLabel("Token").fill(token);
        page.keyboard().press("Enter");
        return page;
    }

    @Test
    void aWrongTokenIsRejected() {
        Page page = signedIn("wrong");

        assertThat(page.getByRole(AriaRole.ALERT)).containsText("does not take this token");
        assertThat(browser.violations(page)).isEmpty();
    }

    @Test
    void usersDoNotSeeOperatorPages() {
        Page page = signedIn("user");

        assertThat(page.getByRole(AriaRole.NAVIGATION)).containsText("Inbox");
        assertThat(page.getByRole(AriaRole.NAVIGATION)).not().containsText("Dead letters");
        assertThat(page.getByRole(AriaRole.NAVIGATION)).not().containsText("Routes");
        page.navigate(address + "#/inbox?a=1&b=2");
        assertThat(page.getByText("Not yours to read")).hasCount(1);
    }

    @Test
    void reloadForgetsTheToken() {
        Page page = signedIn("operator");
        assertThat(page.getByRole(AriaRole.NAVIGATION)).containsText("Dead letters");

        assertThat(page.evaluate("localStorage.length + sessionStorage.length + document.cookie.length"))
                .isEqualTo(0);
        page.reload();

        assertThat(page.getByLabel("Token")).isVisible();
    }
}
