package dev.caravan.platform.settings;

import dev.caravan.platform.context.Location;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A setting with the path of a file of keys or certificates, which is checked at start-up. */
record KeyFile(String property, Check check) {

    interface Check {
        /**
         * @throws IllegalArgumentException saying what is invalid
         * @throws GeneralSecurityException if the file is broken or its password is wrong
         * @throws IOException if the file is broken or its password is wrong
         */
        void accept(byte[] bytes) throws GeneralSecurityException, IOException;
    }

    private static final Pattern PRIVATE_KEY =
            Pattern.compile("-----BEGIN ((?:RSA |EC )?PRIVATE KEY)-----([^-]+)-----END \\1-----");

    /** An error line if the setting names a file that is missing, broken or empty. */
    Optional<String> problem(String path) {
        if (path.isBlank()) {
            return Optional.empty();
        }
        String setting = property.toUpperCase(Locale.ROOT).replace('.', '_') + "=" + path + ": ";
        byte[] bytes;
        try {
            bytes = Files.readAllBytes(Path.of(path));
        } catch (IOException e) {
            return Optional.of(setting + Location.reason(e));
        }
        try {
            check.accept(bytes);
            return Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.of(setting + e.getMessage());
        } catch (GeneralSecurityException | IOException e) {
            return Optional.of(setting + "it is broken or its password is wrong");
        }
    }

    static void certificates(byte[] bytes) {
        try {
            if (!CertificateFactory.getInstance("X.509")
                    .generateCertificates(new ByteArrayInputStream(bytes))
                    .isEmpty()) {
                return;
            }
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("it is no PEM certificate", e);
        }
        throw new IllegalArgumentException("there is no certificate in it");
    }

    static void privateKey(byte[] bytes) {
        Matcher block = PRIVATE_KEY.matcher(new String(bytes, StandardCharsets.ISO_8859_1));
        if (!block.find()) {
            throw new IllegalArgumentException("there is no PEM private key in it");
        }
        Base64.getMimeDecoder().decode(block.group(2));
    }

    static void store(byte[] bytes, String type, String password) throws GeneralSecurityException, IOException {
        if (type.equals("PEM")) {
            certificates(bytes);
        } else if (bytes.length == 0) {
            throw new IllegalArgumentException("it is empty");
        } else {
            KeyStore.getInstance(type)
                    .load(new ByteArrayInputStream(bytes), password.isEmpty() ? null : password.toCharArray());
        }
    }
}
