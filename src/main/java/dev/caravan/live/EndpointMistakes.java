package dev.caravan.live;

import dev.caravan.platform.catalog.ComponentCatalog;
import dev.caravan.platform.catalog.ComponentCatalog.OptionMistake;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.NoSuchEndpointException;
import org.apache.camel.ResolveEndpointFailedException;
import org.apache.camel.util.ObjectHelper;

/**
 * What Camel's catalogue says about an endpoint that cannot be created. Camel decides whether it can be created, so the
 * catalogue rejects nothing that would run.
 *
 * @param reason in one line
 * @param option the first option that is wrong
 */
record EndpointMistakes(String reason, Optional<String> option) {

    /** @param reason of Camel; kept unless the catalogue knows more */
    static EndpointMistakes of(Throwable failure, String reason) {
        ComponentCatalog catalog = new ComponentCatalog();
        String explained = MissingComponent.explained(catalog, reason);
        List<OptionMistake> mistakes = uri(failure).map(catalog::mistakes).orElse(List.of());
        if (!explained.equals(reason)) {
            return of(Stream.concat(Stream.of(explained), mistakes.stream().map(OptionMistake::reason)), mistakes);
        }
        // Another mistake than the one that Camel means must not replace its reason.
        List<OptionMistake> named = mistakes.stream()
                .filter(mistake -> reason.contains(mistake.option()))
                .toList();
        return named.isEmpty()
                ? new EndpointMistakes(reason, Optional.empty())
                : of(named.stream().map(OptionMistake::reason), named);
    }

    private static EndpointMistakes of(Stream<String> reasons, List<OptionMistake> mistakes) {
        return new EndpointMistakes(
                reasons.collect(Collectors.joining("; ")),
                mistakes.stream().findFirst().map(OptionMistake::option));
    }

    private static Optional<String> uri(Throwable failure) {
        NoSuchEndpointException missing = ObjectHelper.getException(NoSuchEndpointException.class, failure);
        ResolveEndpointFailedException failed =
                ObjectHelper.getException(ResolveEndpointFailedException.class, failure);
        return Optional.ofNullable(missing != null ? missing.getUri() : failed != null ? failed.getUri() : null);
    }
}
