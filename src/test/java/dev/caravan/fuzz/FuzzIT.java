package dev.caravan.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import dev.caravan.platform.edge.Json;
import dev.caravan.platform.edge.Schemas;
import dev.caravan.support.CaravanExtension;
import dev.caravan.support.CaravanExtension.Program;
import dev.caravan.support.Records.Written;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(CaravanExtension.class)
class FuzzIT {

    private static final int REQUESTS = 3_000;

    @Test
    void slightlyInvalidRequestsCauseNoErrorsAndNoInvalidRecords(Program program) throws Exception {
        Schemas schemas = program.caravan().context().getRegistry().findSingleByType(Schemas.class);
        List<String> topics = List.of("comments", "orders", "notifications");
        Set<String> before = new HashSet<>();
        topics.forEach(topic -> program.records().of(topic, record -> before.add(place(record))));
        Fuzz fuzz = new Fuzz(program.http().port(), 20261121);

        List<Fuzz.Wrong> wrong = fuzz.run(REQUESTS);
        program.deleteWebhooks();

        assertThat(wrong).as("of %s", fuzz.statuses()).isEmpty();
        assertThat(fuzz.statuses().keySet()).contains(200, 202, 400, 404, 405);
        for (String topic : topics) {
            List<Written> written = program.records().of(topic, record -> !before.contains(place(record)));
            assertThat(written)
                    .isNotEmpty()
                    .allSatisfy(record -> schemas.check(topic, Json.parse(record.value()), 400));
        }
        assertThat(program.http().get("/openapi").status()).isEqualTo(200);
    }

    private static String place(Written record) {
        return record.topic() + "/" + record.partition() + "/" + record.offset();
    }
}
