package dev.caravan.platform.edge;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.apache.camel.component.kafka.KafkaConstants;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Camel 4.18.3 and later use other names for these headers. The compiled classes run with both. */
class KafkaHeadersTest {

    private static final String CONSTANTS = KafkaConstants.class.getName();

    @TempDir
    private Path folder;

    /** Loads the compiled class with the constants of another Camel. */
    private final class OtherCamel extends ClassLoader {

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            if (!name.equals(CONSTANTS) && !name.equals(KafkaHeaders.class.getName())) {
                return super.loadClass(name, resolve);
            }
            try (InputStream in = name.equals(CONSTANTS)
                    ? Files.newInputStream(folder.resolve(CONSTANTS.replace('.', '/') + ".class"))
                    : KafkaHeaders.class.getResourceAsStream("KafkaHeaders.class")) {
                byte[] bytes = in.readAllBytes();
                return defineClass(name, bytes, 0, bytes.length);
            } catch (IOException e) {
                throw new ClassNotFoundException(name, e);
            }
        }
    }

    @Test
    void namesComeFromTheRunningCamel() throws Exception {
        String fields = Stream.of(KafkaConstants.class.getFields())
                .filter(field -> field.getType() == String.class)
                .map(field -> "public static final String " + field.getName() + " = \"Other" + field.getName() + "\";")
                .collect(Collectors.joining("\n"));
        Path source = Files.writeString(
                folder.resolve("KafkaConstants.java"),
                "package org.apache.camel.component.kafka; public final class KafkaConstants {" + fields + "}");
        assertThat(ToolProvider.getSystemJavaCompiler()
                        .run(null, null, null, "-d", folder.toString(), source.toString()))
                .isZero();

        Class<?> headers = new OtherCamel().loadClass(KafkaHeaders.class.getName());

        for (Field field : headers.getFields()) {
            assertThat((String) field.get(null)).as(field.getName()).startsWith("Other");
        }
    }

    @Test
    void noOtherClassUsesCamelsConstants() throws IOException {
        List<Path> users = new ArrayList<>();
        try (Stream<Path> sources = Files.walk(Path.of("src/main/java"))) {
            for (Path source :
                    sources.filter(each -> each.toString().endsWith(".java")).toList()) {
                if (Files.readString(source).contains("KafkaConstants")) {
                    users.add(source.getFileName());
                }
            }
        }
        assertThat(users).containsExactly(Path.of("KafkaHeaders.java"));
    }
}
