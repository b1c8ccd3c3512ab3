package dev.caravan.live;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.caravan.platform.context.ContextBean;
import dev.caravan.platform.edge.Json;
import dev.caravan.platform.edge.ProblemException;
import java.util.Optional;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;

/**
 * The response of {@code GET /api/v1/routes/files/{name}}: the text of a route file's last edit, with its state,
 * errors and warnings. It opens no file, so a name cannot lead outside the routes folder.
 */
public final class RouteFileText extends ContextBean implements Processor {

    /** @throws ProblemException 404 for a name that {@code GET /api/v1/routes} does not list */
    @Override
    public void process(Exchange exchange) {
        Message message = exchange.getMessage();
        String name = message.getHeader("name", String.class);
        RouteFiles files = bean(RouteFiles.class);
        RouteFiles.FileEdit edit =
                files.edit(name).orElseThrow(() -> ProblemException.notFound("There is no route file of that name."));
        ObjectNode answer = Json.MAPPER
                .createObjectNode()
                .put("name", name)
                .put("text", edit.text().orElse(null))
                .put("state", edit.state())
                .put("edited", edit.at().toString());
        answer.set("errors", errors(edit.rejected()));
        answer.set("warnings", LintWarning.json(files.warnings(), name));
        RouteList.reply(message, answer);
    }

    /** An error that concerns the whole file has neither line nor column. */
    static ArrayNode errors(Optional<InvalidRouteFileException> rejected) {
        ArrayNode errors = Json.MAPPER.createArrayNode();
        rejected.ifPresent(e -> e.mistakes().forEach(each -> each.describe(errors.addObject())));
        return errors;
    }
}
