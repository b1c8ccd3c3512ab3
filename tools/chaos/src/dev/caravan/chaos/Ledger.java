package dev.caravan.chaos;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** All attempts and their outcomes, in memory and as lines of a file. */
final class Ledger implements AutoCloseable {

    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final List<Attempt> attempts = new ArrayList<>();
    private final BufferedWriter file;

    Ledger(Path file) throws IOException {
        this.file = Files.newBufferedWriter(file);
    }

    synchronized void add(Attempt attempt) {
        attempts.add(attempt);
        try {
            file.write(MAPPER.writeValueAsString(attempt));
            file.newLine();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    synchronized List<Attempt> attempts() {
        return List.copyOf(attempts);
    }

    @Override
    public synchronized void close() throws IOException {
        file.close();
    }
}
