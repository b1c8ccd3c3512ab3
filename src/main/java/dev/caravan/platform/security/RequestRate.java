package dev.caravan.platform.security;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import dev.caravan.platform.edge.ProblemException;
import io.github.resilience4j.ratelimiter.RateLimiter;
import io.github.resilience4j.ratelimiter.RateLimiterConfig;
import java.time.Duration;

/**
 * Limits the requests per second of each caller. Tracks 10,000 callers; beyond that it forgets the least recently active
 * one.
 */
final class RequestRate {

    private static final int MAX_CALLERS = 10_000;
    private static final Duration PERIOD = Duration.ofSeconds(1);

    private final LoadingCache<Object, RateLimiter> callers;

    RequestRate(int perSecond) {
        RateLimiterConfig config = RateLimiterConfig.custom()
                .limitForPeriod(perSecond)
                .limitRefreshPeriod(PERIOD)
                .timeoutDuration(Duration.ZERO)
                .writableStackTraceEnabled(false)
                .build();
        callers = Caffeine.newBuilder()
                .maximumSize(MAX_CALLERS)
                .expireAfterAccess(Duration.ofMinutes(1))
                .build(caller -> RateLimiter.of("caller", config));
    }

    /** @throws ProblemException 429 if the caller has used up its requests of this second */
    void admit(Object caller) {
        if (!callers.get(caller).acquirePermission()) {
            throw ProblemException.tooMany((int) PERIOD.toSeconds());
        }
    }

    /**
     * Does not count as a request.
     *
     * @throws ProblemException 429 if the caller has used up its requests of this second
     */
    void requireLeft(Object caller) {
        if (callers.get(caller).getMetrics().getAvailablePermissions() <= 0) {
            throw ProblemException.tooMany((int) PERIOD.toSeconds());
        }
    }
}
