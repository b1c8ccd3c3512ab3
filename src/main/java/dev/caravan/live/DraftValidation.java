package dev.caravan.live;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.platform.edge.Json;
import dev.caravan.platform.edge.ProblemException;
import java.nio.file.Path;
import java.util.Optional;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;

/**
 * The response of {@code POST /api/v1/routes/validate}: the syntax errors of a draft. The check creates no bean, loads
 * no class and builds no route, so it does not find missing components, beans or schemas.
 */
public final class DraftValidation implements Processor {

    /** @throws ProblemException 400 for a name that no route file can have */
    @Override
    public void process(Exchange exchange) {
        Message message = exchange.getMessage();
        String text = Optional.ofNullable(message.getBody(String.class)).orElse("");
        String name = message.getHeader("name", String.class);
        if (name == null) {
            name = text.stripLeading().startsWith("<") ? "draft.camel.xml" : "draft.camel.yaml";
        } else if (!isFileName(name)) {
            throw ProblemException.malformed("name must be that of a route file: *.yaml or *.xml, without a folder.");
        }
        Optional<InvalidRouteFileException> invalid = check(new RouteFile(name, "draft:" + name, text));
        ObjectNode answer = Json.MAPPER.createObjectNode().put("name", name).put("valid", invalid.isEmpty());
        answer.set("errors", RouteFileText.errors(invalid));
        RouteList.reply(message, answer);
    }

    private static Optional<InvalidRouteFileException> check(RouteFile draft) {
        try {
            RouteFileSyntax.check(draft);
            return Optional.empty();
        } catch (InvalidRouteFileException e) {
            return Optional.of(e);
        } catch (RuntimeException | StackOverflowError e) {
            // A draft that the parser cannot handle is invalid.
            return Optional.of(new InvalidRouteFileException(draft.name(), InvalidRouteFileException.reason(e)));
        }
    }

    private static boolean isFileName(String name) {
        return name.matches("[^/\\\\\\p{Cntrl}]{1,200}") && RouteFolder.isRouteFile(Path.of(name));
    }
}
