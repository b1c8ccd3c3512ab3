package dev.caravan.live;

import dev.caravan.platform.catalog.ComponentCatalog;
import dev.caravan.platform.catalog.ComponentCatalog.OptionMistake;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.FailedToCreateRouteException;
import org.apache.camel.NoSuchEndpointException;
import org.apache.camel.ResolveEndpointFailedException;
import org.apache.camel.util.ObjectHelper;

/**
 * Why a step cannot be created, explained with Camel's catalogue. Camel decides whether it can be created, so the
 * catalogue rejects nothing that would run.
 *
 * @param reason in one line
 * @param option the first option that is wrong
 */
record EndpointMistakes(String reason, Optional<String> option) {

    static EndpointMistakes of(Throwable failure) {
        // Camel's exception for a route only adds the route's text to its cause.
        String reason = InvalidRouteFileException.reason(
                failure instanceof FailedToCreateRouteException && failure.getCause() != null
                        ? failure.getCause()
                        : failure);
        ComponentCatalog catalog = new ComponentCatalog();
        List<OptionMistake> mistakes = uri(failure).map(catalog::mistakes).orElse(List.of());
        String explained = MissingComponent.explain(catalog, reason);
        if (!explained.equals(reason)) {
            return of(Stream.concat(Stream.of(explained), mistakes.stream().map(OptionMistake::reason)), mistakes);
        }
        // Camel's reason stays unless the catalogue explains the same option.
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
        return Optional.ofNullable(ObjectHelper.getException(NoSuchEndpointException.class, failure))
                .map(NoSuchEndpointException::getUri)
                .or(() -> Optional.ofNullable(ObjectHelper.getException(ResolveEndpointFailedException.class, failure))
                        .map(ResolveEndpointFailedException::getUri));
    }
}
