package org.payerexchange.support;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.Base64;
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

  /** The certificate as PEM, beside the stores. */
  public Path pem() throws Exception {
    return pem("CERTIFICATE", certificate().getEncoded());
  }

  /** Its key as PEM, readable for its owner alone, beside the stores. */
  public Path keyPem() throws Exception {
    KeyStore store = open(keyStore.toFile());
    byte[] key = store.getKey(store.aliases().nextElement(), PASSWORD.toCharArray()).getEncoded();
    Path file = pem("PRIVATE KEY", key);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    return file;
  }

  private Certificate certificate() throws Exception {
    KeyStore store = open(keyStore.toFile());
    return store.getCertificate(store.aliases().nextElement());
  }

  private Path pem(String what, byte[] content) throws Exception {
    String text =
        "-----BEGIN %1$s-----%n%2$s%n-----END %1$s-----%n"
            .formatted(what, Base64.getMimeEncoder().encodeToString(content));
    Path file = Path.of(keyStore + "." + what.replace(' ', '-') + ".pem");
    return Files.writeString(file, text);
  }

  private static KeyStore open(File file) throws Exception {
    return KeyStore.getInstance(file, PASSWORD.toCharArray());
  }
}
