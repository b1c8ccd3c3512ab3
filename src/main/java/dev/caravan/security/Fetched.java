package dev.caravan.security;

import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.util.DefaultResourceRetriever;
import com.nimbusds.jose.util.ResourceRetriever;
import java.io.IOException;
import java.net.URI;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A JWK Set that an issuer publishes, fetched in the background: at once, every five minutes, and when a token names a key
 * that is not there, but then not within half a minute of the last time. What was got last stays in force while the issuer
 * does not answer.
 */
final class Fetched {

    private static final Logger LOG = LoggerFactory.getLogger(Fetched.class);
    private static final int TIMEOUT_MILLIS = 2_000;
    private static final int MAX_BYTES = 1 << 20;
    private static final Duration EVERY = Duration.ofMinutes(5);
    private static final Duration WANTED = Duration.ofSeconds(30);
    private static final Duration AGAIN = Duration.ofSeconds(5);

    private final URL url;
    private final ResourceRetriever retriever;
    private final LongSupplier nanoTime;
    private volatile JWKSet set;
    private volatile boolean missing;
    private long tried;
    private boolean ever;
    private boolean failed;

    Fetched(URI uri) throws IOException {
        this(uri, new DefaultResourceRetriever(TIMEOUT_MILLIS, TIMEOUT_MILLIS, MAX_BYTES), System::nanoTime);
    }

    Fetched(URI uri, ResourceRetriever retriever, LongSupplier nanoTime) throws IOException {
        this.url = uri.toURL();
        this.retriever = retriever;
        this.nanoTime = nanoTime;
    }

    JWKSet get() {
        return set;
    }

    /** A key is not there: the next look that may fetches. */
    void missed() {
        missing = true;
    }

    /** Fetches if it is time. From one thread at a time, which waits for the issuer for a few seconds at most. */
    void look() {
        long now = nanoTime.getAsLong();
        if (ever && now - tried < pause().toNanos()) {
            return;
        }
        ever = true;
        tried = now;
        missing = false;
        try {
            set = Keys.read(retriever.retrieveResource(url).getContent().getBytes(StandardCharsets.UTF_8));
            if (failed) {
                LOG.info("AUTH_JWT_KEYS was fetched again");
            }
            failed = false;
        } catch (IOException | IllegalArgumentException e) {
            if (!failed) {
                LOG.warn(
                        "AUTH_JWT_KEYS could not be fetched, {}: {}",
                        set == null ? "no JSON Web Token is taken" : "the keys got before stay in force",
                        e.getMessage());
            }
            failed = true;
        }
    }

    private Duration pause() {
        if (set == null) {
            return AGAIN;
        }
        return missing || failed ? WANTED : EVERY;
    }
}
