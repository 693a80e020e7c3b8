package org.payerexchange.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.nimbusds.jose.JOSEException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import org.payerexchange.auth.NewKey;
import org.payerexchange.auth.PublicKeys;
import org.payerexchange.auth.SigningKey;
import org.payerexchange.auth.TokenClient;
import org.payerexchange.files.AtomicFiles;
import org.payerexchange.files.PrivateFiles;
import org.payerexchange.http.JsonLimits;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code keys}: the keys that sign assertions, for {@code token-auth=private_key_jwt}. */
@Command(
    name = "keys",
    description = "Makes keys for private_key_jwt, and shows their public parts to hand over.",
    synopsisSubcommandLabel = "COMMAND",
    mixinStandardHelpOptions = true)
final class KeysCommand implements Runnable {
  @Spec private CommandSpec spec;

  private final Clock clock = Clock.systemUTC();

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Say new or show.");
  }

  @Command(
      name = "new",
      description = "Makes a key, a JWK that its owner alone may read, and prints its public part.",
      mixinStandardHelpOptions = true)
  int make(
      @Parameters(
              index = "0",
              paramLabel = "FILE",
              description = "Where it is written; a file that exists is left alone.")
          Path file,
      @Option(
              names = "--algorithm",
              paramLabel = "ALG",
              defaultValue = "RS384",
              description = "RS384 (an RSA key of 3072 bits, the default) or ES384 (P-384).")
          NewKey algorithm)
      throws IOException, JOSEException {
    byte[] key = algorithm.make();
    try (FileChannel to = PrivateFiles.createNew(file)) {
      AtomicFiles.Content.of(key).writeTo(to);
      to.force(true);
    } catch (FileAlreadyExistsException there) {
      throw new ParameterException(
          spec.commandLine(), "There is a file '%s' already.".formatted(file));
    }
    print(List.of(new SigningKey("FILE", file, "", "")));
    return 0;
  }

  @Command(
      name = "show",
      description = "Prints the public parts as a JWK Set: of a file, or of all configured keys.",
      mixinStandardHelpOptions = true)
  int show(
      @Mixin Location location,
      @Option(
              names = "--payer",
              paramLabel = "ID",
              description = "Those of this payer alone, with the key-id that it knows them by.")
          String payer,
      @Parameters(
              index = "0",
              arity = "0..1",
              paramLabel = "FILE",
              description = "A JWK or PEM file (default: the keys of payers and FHIR server).")
          Path file)
      throws JsonProcessingException {
    print(
        file == null ? configured(location, payer) : List.of(new SigningKey("FILE", file, "", "")));
    return 0;
  }

  private List<SigningKey> configured(Location location, String payer) {
    String keys = payer == null ? "" : TokenClient.Kind.PAYER.keys(payer) + ".";
    List<SigningKey> found =
        location.read(settings -> settings.signingKeys(clock.instant())).stream()
            .filter(key -> key.key().startsWith(keys))
            .toList();
    if (found.isEmpty()) {
      throw new ParameterException(
          spec.commandLine(),
          "No key is configured: %sprivate-key-file."
              .formatted(payer == null ? "p2p.payers.<id>." : keys));
    }
    return found;
  }

  private void print(List<SigningKey> keys) throws JsonProcessingException {
    spec.commandLine()
        .getOut()
        .println(
            JsonLimits.views()
                .writerWithDefaultPrettyPrinter()
                .writeValueAsString(new PublicKeys(keys, clock).all()));
  }
}
