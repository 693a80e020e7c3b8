package org.payerexchange.support;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.List;

/**
 * A certificate that signs itself, for 127.0.0.1, in stores as TLS needs them on both sides.
 *
 * @param keyStore holds it with its key
 * @param trustStore trusts it and nothing else
 */
public record TestCertificate(Path keyStore, Path trustStore) {
  /** Opens each of the stores. */
  public static final String PASSWORD = "store-secret-81c2";

  /** Makes one, and its stores in this folder. */
  public static TestCertificate make(Path folder, String name) throws Exception {
    Path keyStore = folder.resolve(name + "-key.p12");
    Process keytool =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                    "-genkeypair",
                    "-alias",
                    name,
                    "-dname",
                    "CN=" + name,
                    "-keyalg",
                    "EC",
                    "-validity",
                    "2",
                    "-ext",
                    "san=ip:127.0.0.1",
                    "-storetype",
                    "PKCS12",
                    "-storepass",
                    PASSWORD,
                    "-keystore",
                    keyStore.toString()))
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("keytool.txt").toFile())
            .start();
    assertThat(keytool.waitFor()).isZero();
    KeyStore trust = KeyStore.getInstance("PKCS12");
    trust.load(null, null);
    trust.setCertificateEntry(name, open(keyStore.toFile()).getCertificate(name));
    Path trustStore = folder.resolve(name + "-trust.p12");
    try (OutputStream file = Files.newOutputStream(trustStore)) {
      trust.store(file, PASSWORD.toCharArray());
    }
    return new TestCertificate(keyStore, trustStore);
  }

  private static KeyStore open(File file) throws Exception {
    return KeyStore.getInstance(file, PASSWORD.toCharArray());
  }
}
