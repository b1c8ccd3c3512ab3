package dev.caravan.platform.security;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import dev.caravan.platform.edge.ProblemException;
import io.github.resilience4j.ratelimiter.RateLimiter;
import io.github.resilience4j.ratelimiter.RateLimiterConfig;
import java.time.Duration;

/**
 * How many requests a second one caller may send; nobody's requests count for another. It remembers 10,000 callers:
 * beyond that the one that was quiet for longest starts anew.
 */
final class RequestRate {

    private static final int REMEMBERED = 10_000;
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
                .maximumSize(REMEMBERED)
                .expireAfterAccess(Duration.ofMinutes(1))
                .build(caller -> RateLimiter.of("caller", config));
    }

    /** @throws ProblemException 429 when the caller has had its share of this second */
    void admit(Object caller) {
        if (!callers.get(caller).acquirePermission()) {
            throw ProblemException.tooMany((int) PERIOD.toSeconds());
        }
    }

    /** @throws ProblemException 429 when the caller has had its share of this second; it takes nothing of that share */
    void requireLeft(Object caller) {
        if (callers.get(caller).getMetrics().getAvailablePermissions() <= 0) {
            throw ProblemException.tooMany((int) PERIOD.toSeconds());
        }
    }
}
