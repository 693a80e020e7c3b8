package org.payerexchange.boot;

import static java.util.stream.Collectors.toSet;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.payerexchange.support.TestKeys;

class SettingsCheckTest {
  @TempDir Path folder;

  private final DefaultCamelContext context = new DefaultCamelContext();
  private final Properties values = new Properties();

  @BeforeEach
  void start() throws IOException {
    try (InputStream defaults = getClass().getResourceAsStream("/application.properties")) {
      values.load(defaults);
    }
    for (String name : new String[] {"inbox", "work", "outbox"}) {
      values.setProperty("p2p." + name + ".directory", folder.resolve(name).toString());
    }
    context.getPropertiesComponent().setOverrideProperties(values);
    context.start();
  }

  @AfterEach
  void stop() {
    context.stop();
  }

  @Test
  void theDefaultsAreRight() {
    assertThat(problems()).isEmpty();
  }

  @Test
  void keysOfPayersAndDeliveriesAreKnownByTheirPattern() {
    values.setProperty("p2p.payers.bison-2.client-id", "id");
    values.setProperty("p2p.payers.bison-2.organization.npi", "0123456788");
    values.setProperty("p2p.payers.bison-2.match-batch-size", "10");
    values.setProperty("p2p.deliver.file-uris.1", "jms:queue:files");

    assertThat(problems()).isEmpty();
  }

  @Test
  void whatMayStandForNothingIsNotSet() {
    values.setProperty("p2p.payers.bison.scope", "{{?no.such}}");

    assertThat(problems()).isEmpty();
  }

  @Test
  void everyKeyThatTheFileOfPayersNamesIsKnown() throws IOException {
    Pattern key = Pattern.compile("(?m)^#?(p2p\\.[^=\\s]+)=");
    key.matcher(Files.readString(Path.of("config/payers.properties")))
        .results()
        .forEach(found -> values.setProperty(found.group(1), "x"));

    assertThat(values.stringPropertyNames())
        .contains("p2p.payers.bison.base-url", "p2p.payers.bison.call-window");
    assertThat(problems()).noneMatch(problem -> problem.endsWith("there is no such key"));
  }

  @ParameterizedTest
  @CsvSource({
    "p2p.databse.url, x, there is no such key",
    "p2p.payers.bison.clientid, x, there is no such key",
    "p2p.deliver.file-uris.first, x, there is no such key",
    "p2p.tick, soon, is not a duration",
    "p2p.lease, 300000, is not a duration",
    "p2p.lease, 30s5m, is not a duration",
    "p2p.shutdown.timeout, 25d, must not be more than 24d",
    "p2p.inbox.directory, '', must be set",
    "p2p.work.directory, ' ', must be set",
    "p2p.ops.host, '', must be set",
    "p2p.database.max-connections, 1, must be 2 or more",
    "p2p.tick, 0s, must be more than 0",
    "p2p.http.response-timeout, 0s, must be more than 0",
    "p2p.http.max-connections, 0, must be more than 0",
    "p2p.poll.min-delay, 0s, must be more than 0",
    "p2p.poll.min-delay, 1h, must not be longer than p2p.poll.max-delay",
    "p2p.retry.min-delay, 1h, must not be longer than p2p.retry.max-delay",
    "p2p.download.max-parallel, many, is not a number",
    "p2p.attachments.max-line-bytes, 13MB, must not be more than 12MB",
    "p2p.ops.port, -1, is not a number",
    "p2p.default-payer, bisn, is not a configured payer",
    "p2p.report.zone, Eastern, is no time zone such as America/New_York",
    "p2p.token.refused-deadline, soon, is not a duration",
    "p2p.token.refused-deadline, 0s, must be more than 0",
    "p2p.ops.port, 65536, is not a port",
    "p2p.ops.observe-port, 65536, is not a port",
    "p2p.ops.observe-port, 0, must be more than 0",
    "p2p.ops.observe-port, 8080, must be another port than p2p.ops.port",
    "p2p.ops.max-bytes-at-once, 16777215, must not be less than p2p.ops.max-body-bytes",
    "p2p.ops.max-connections, 0, must be more than 0",
    "p2p.ops.request-timeout, 0s, must be more than 0",
    "p2p.database.url, jdbc:mysql://host/name, must begin with jdbc:h2: or jdbc:postgresql:",
    "p2p.outbox.fsync, ture, must be true or false",
    "p2p.database.fsync, no, must be true or false",
    "p2p.intake.max-record-bytes, 67108865, must not be more than 64MB",
    "p2p.jms.max-message-bytes, 2GB, must not be more than 1GB",
    "p2p.ops.max-body-bytes, 16 MB, is not a size",
    "p2p.ops.max-bytes-at-once, 15MB, must not be less than p2p.ops.max-body-bytes",
    "p2p.deliver.fhir.connect-timeout, 25d, must not be more than 24d",
    "p2p.deliver.fhir.response-timeout, 600h, must not be more than 24d",
    "p2p.intake.duplicate-window, 106752d, must not be more than 36500d",
    "p2p.disk.reserve, 999999999TB, must not be more than 1000000TB",
    "p2p.organization.npi, 12345, must be an NPI",
    "p2p.organization.uri, payer, must be an absolute URI",
    "p2p.payers.bison.organization.nip, x, there is no such key",
    "p2p.download.max-file-bytes, 1000001TB, must not be more than 1000000TB",
  })
  void aWrongKeyOrValueIsNamed(String key, String value, String problem) {
    values.setProperty(key, value);

    assertThat(problems()).singleElement().asString().startsWith(key + ": ").contains(problem);
  }

  @Test
  void variablesOfTheEnvironmentAreHeldAgainstTheKeysToo() {
    Set<String> right =
        Set.of(
            "P2P_POLL_DEADLINE",
            "P2P_LEDGER_TO_PASSWORD",
            "P2P_DELIVER_FHIR_BEARER_TOKEN",
            "P2P_DELIVER_FILE_URIS_1",
            "P2P_DELIVER_FILE_URIS_1_ALLOW_HTTP",
            "P2P_PAYERS_BLUE_HERON_CLIENT_SECRET",
            "P2P_PAYERS_BISON_KEY_STORE_PASSWORD",
            "P2P_PAYERS_BISON_CLIENT_SECRET_FILE",
            "P2P_PAYERS_BISON_PREVIOUS_PRIVATE_KEY_PASSWORD",
            "P2P_PAYERS_BISON_ORGANIZATION_NPI",
            "P2P_PAYERS_BISON_EXPORT_STATUS_URL_TEMPLATE",
            "P2P_UMASK",
            "PATH");
    Set<String> wrong =
        Set.of(
            "P2P_POLL_DEADLIEN",
            "P2P_DELIVER_FILE_URIS_FIRST",
            "P2P_PAYERS_BISON_CLIENTSECRET",
            "P2P_OPS_APIKEY",
            "P2P_Poll_Deadline");
    context
        .getPropertiesComponent()
        .addPropertiesSource(
            new Environment(Stream.concat(right.stream(), wrong.stream()).collect(toSet())));

    assertThat(problems())
        .map(problem -> problem.replaceAll(":.*", ""))
        .containsExactlyInAnyOrderElementsOf(wrong);
    assertThat(problems()).allMatch(problem -> problem.endsWith("no key that it stands for"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"sec{{ret", "sec{{ret}}", "{{ret}}sec"})
  void aPlaceholderThatStandsForNothingIsNamedWithoutItsText(String value) {
    values.setProperty("p2p.payers.bison.client-secret", value);

    assertThat(problems())
        .singleElement()
        .asString()
        .startsWith("p2p.payers.bison.client-secret: ")
        .doesNotContain("{{ret", "sec{{");
  }

  @Test
  void anotherAddressThanLoopbackNeedsAnApiKey() {
    values.setProperty("p2p.ops.host", "0.0.0.0");
    assertThat(problems()).singleElement().asString().startsWith("p2p.ops.api-key: must be set");

    values.setProperty("p2p.ops.api-key", "a key");
    assertThat(problems()).isEmpty();

    values.remove("p2p.ops.api-key");
    values.setProperty("p2p.ops.keys.night.key", "a key");
    values.setProperty("p2p.ops.keys.night.role", "reader");
    assertThat(problems()).isEmpty();
  }

  @Test
  void aKeyToTheOpsApiHasASecretOfItsOwnARoleAndAName() {
    values.setProperty("p2p.ops.keys.night.key", "secret 5d20");
    assertThat(problems()).containsExactly("p2p.ops.keys.night.role: is missing");

    values.setProperty("p2p.ops.keys.night.role", "king");
    assertThat(problems())
        .containsExactly("p2p.ops.keys.night.role: must be one of reader, operator, intake");

    values.setProperty("p2p.ops.keys.night.role", "intake");
    values.setProperty("p2p.ops.keys.day.role", "intake");
    assertThat(problems()).containsExactly("p2p.ops.keys.day.key: is missing");

    values.setProperty("p2p.ops.keys.day.key", "secret 5d20");
    assertThat(problems()).containsExactly("p2p.ops.keys.night.key: is another one's as well");

    values.setProperty("p2p.ops.keys.day.key", "secret 5d21");
    values.setProperty("p2p.ops.keys.Day.key", "secret 5d22");
    assertThat(problems()).contains("p2p.ops.keys.Day.key: there is no such key");
  }

  @ParameterizedTest
  @CsvSource({
    "endpoint, collector:4318, must be a URL such as http://localhost:4318/v1/traces",
    "share, 0, 'must be more than 0, and 1 at most'",
    "share, all, 'must be more than 0, and 1 at most'",
    "headers, key 4711, must be like 'Name: value; Name2: value'"
  })
  void whatIsWrongWithTracingIsNamedThoughItBeOff(String key, String value, String problem) {
    values.setProperty("p2p.tracing." + key, value);

    assertThat(problems()).containsExactly("p2p.tracing.%s: %s".formatted(key, problem));
  }

  @Test
  void twoKeysOfOneKeyIdAreRefusedAndOneKeyOfTwoPayersIsNot() throws IOException {
    key("bison", "private-key-file", TestKeys.RSA);
    key("heron", "private-key-file", TestKeys.RSA);
    assertThat(problems()).isEmpty();

    key("otter", "private-key-file", TestKeys.P384);
    for (String payer : List.of("bison", "heron", "otter")) {
      values.setProperty("p2p.payers." + payer + ".key-id", "2027");
    }
    assertThat(problems())
        .containsExactly(
            "p2p.payers.otter.private-key-file: another key has its kid '2027' already, give each a key-id of its own");
  }

  @Test
  void aFormerKeyMayHaveEndedAndTheOneThatSignsMayNot() throws IOException {
    String ended = TestKeys.RSA.replace("{", "{\"exp\":1500000000,");
    key("bison", "private-key-file", TestKeys.P384);
    key("bison", "previous-private-key-file", ended);
    assertThat(problems()).isEmpty();

    key("bison", "private-key-file", ended);
    assertThat(problems()).singleElement().asString().contains("private-key-file", "has expired");
  }

  @Test
  void aFormerKeyThatCannotBeReadIsNamed() throws IOException {
    key("bison", "private-key-file", TestKeys.P384);
    key("bison", "previous-private-key-file", "no key");

    assertThat(problems())
        .singleElement()
        .asString()
        .startsWith("p2p.payers.bison.previous-private-key-file: ");
  }

  @Test
  void eachStoreThatCannotBeUsedIsNamed() throws IOException {
    Path broken = Files.writeString(folder.resolve("broken.p12"), "half a sto");
    List<String> keys =
        List.of(
            "p2p.deliver.fhir.key-store",
            "p2p.ops.key-store",
            "p2p.payers.bison.key-store",
            "p2p.payers.bison.trust-store",
            "p2p.payers.heron.key-store");
    keys.forEach(key -> values.setProperty(key, broken.toString()));

    assertThat(problems())
        .map(problem -> problem.replaceAll(": .*", ""))
        .containsExactlyInAnyOrderElementsOf(keys);
  }

  @Test
  void aFolderThatCannotBeMadeIsNamed() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));
    values.setProperty("p2p.work.directory", file.resolve("work").toString());

    assertThat(problems()).singleElement().asString().startsWith("p2p.work.directory: cannot make");
  }

  @ParameterizedTest
  @CsvSource({
    "outbox, inbox, p2p.outbox.directory, p2p.inbox.directory",
    "inbox, outbox/bison, p2p.outbox.directory, p2p.inbox.directory",
    "work, outbox/bison, p2p.outbox.directory, p2p.work.directory",
    "work, inbox/../inbox/.work, p2p.work.directory, p2p.inbox.directory"
  })
  void foldersOfWhichOneIsInAnotherAreRefused(String name, String path, String key, String other) {
    values.setProperty("p2p." + name + ".directory", folder.resolve(path).toString());

    assertThat(problems())
        .containsExactly(
            "%s: may not be the folder of %s, lie in it or hold it".formatted(key, other));
  }

  private void key(String payer, String key, String content) throws IOException {
    Path file = Files.writeString(folder.resolve(payer + "." + key), content);
    values.setProperty("p2p.payers.%s.%s".formatted(payer, key), file.toString());
  }

  private List<String> problems() {
    return new SettingsCheck(new Settings(context)).problems();
  }
}
