package dev.caravan.deploy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** {@code deploy/grafana/caravan.json}. */
final class Dashboard {

    private final JsonNode root;

    Dashboard() throws IOException {
        root = new ObjectMapper()
                .readTree(Path.of("deploy/grafana/caravan.json").toFile());
    }

    JsonNode panels() {
        return root.path("panels");
    }

    /** All PromQL expressions. */
    List<String> queries() {
        List<String> queries = new ArrayList<>(root.findValuesAsText("expr"));
        root.findValuesAsText("definition")
                .forEach(definition -> queries.add(definition.replaceFirst("^label_values\\((.*),\\s*\\w+\\)$", "$1")));
        return queries;
    }
}
