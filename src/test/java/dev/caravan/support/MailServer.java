package dev.caravan.support;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;

/** An SMTP server on loopback. */
public final class MailServer {

    private MailServer() {}

    /** A server that the caller starts and stops. */
    public static GreenMail create() {
        try {
            ServerSetup smtp = new ServerSetup(CaravanExtension.freePort(), "127.0.0.1", ServerSetup.PROTOCOL_SMTP);
            smtp.setServerStartupTimeout(Duration.ofMinutes(2).toMillis());
            return new GreenMail(smtp);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
