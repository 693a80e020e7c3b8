package org.payerexchange.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/** The requests of a transfer, made with the JDK's client and nothing around it. */
final class BareClient {
  private static final long GOOD_FOR = Duration.ofMinutes(2).toNanos();

  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final ObjectMapper mapper = new ObjectMapper();
  private final BenchedGateway gateway;
  private String token;
  private long askedAt;

  BareClient(BenchedGateway gateway) throws IOException, InterruptedException {
    this.gateway = gateway;
    renew();
  }

  private void renew() throws IOException, InterruptedException {
    token = askForToken();
    askedAt = System.nanoTime();
  }

  /** One that is good for the next minutes, however long the rounds before took. */
  synchronized String token() throws IOException, InterruptedException {
    if (System.nanoTime() - askedAt > GOOD_FOR) {
      renew();
    }
    return token;
  }

  /** Match, kick-off, status, all files, release. */
  void transfer(int member) throws IOException, InterruptedException {
    String request = Members.request(member);
    String group =
        json(authorised(base("/member-match/$member-match"))
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(request)))
            .path("groupId")
            .asText();
    URI job = kickOff(group);
    for (URI file : files(job)) {
      send(authorised(file), BodyHandlers.ofByteArray());
    }
    send(authorised(job).DELETE(), BodyHandlers.ofByteArray());
  }

  /** The files of a member's export, which is left at the payer. */
  List<URI> export(int member) throws IOException, InterruptedException {
    return files(kickOff("load-" + member));
  }

  private URI kickOff(String group) throws IOException, InterruptedException {
    String text =
        json(authorised(base("/bulk-data/r4/Group/" + group + "/$export")))
            .at("/issue/0/details/text")
            .asText();
    return gateway.reachable(text.substring(text.lastIndexOf(' ') + 1));
  }

  private List<URI> files(URI job) throws IOException, InterruptedException {
    List<URI> files = new ArrayList<>();
    for (JsonNode output : json(authorised(job)).path("output")) {
      files.add(gateway.reachable(output.path("url").asText()));
    }
    return files;
  }

  private String askForToken() throws IOException, InterruptedException {
    String form =
        "grant_type=client_credentials&client_id=%s&client_secret=%s&scope=%s"
            .formatted(encoded("client-id"), encoded("client-secret"), encoded("scope"));
    return json(HttpRequest.newBuilder(URI.create(gateway.payer("token-url")))
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(BodyPublishers.ofString(form)))
        .path("access_token")
        .asText();
  }

  private String encoded(String key) {
    return URLEncoder.encode(gateway.payer(key), StandardCharsets.UTF_8);
  }

  private URI base(String path) {
    return URI.create(gateway.base() + path);
  }

  private HttpRequest.Builder authorised(URI url) throws IOException, InterruptedException {
    return HttpRequest.newBuilder(url).header("Authorization", "Bearer " + token());
  }

  private JsonNode json(HttpRequest.Builder request) throws IOException, InterruptedException {
    return mapper.readTree(send(request, BodyHandlers.ofByteArray()));
  }

  private <T> T send(HttpRequest.Builder request, BodyHandler<T> handler)
      throws IOException, InterruptedException {
    HttpResponse<T> answer = http.send(request.build(), handler);
    if (answer.statusCode() / 100 != 2) {
      throw new IOException("the sandbox answered " + answer.statusCode());
    }
    return answer.body();
  }

  /** The load members of the sandbox. */
  static final class Members {
    private Members() {}

    /** As a flat record of the inbox, one line. */
    static String record(int member) {
      return """
          {"requestId":"bench-%1$d","memberId":"load-member-%1$d","given":"Loadina",\
          "family":"Testcase%1$d","birthDate":"%2$s","gender":"female","coverageId":"LOAD-%1$d",\
          "consentId":"consent-%1$d","consentPolicy":\
          "http://hl7.org/fhir/us/davinci-hrex/StructureDefinition-hrex-consent.html#regular",\
          "consentStart":"2020-01-01","consentEnd":"2099-12-31"}"""
          .formatted(member, birthDate(member));
    }

    static String records(int first, int count) {
      StringBuilder lines = new StringBuilder();
      IntStream.range(first, first + count)
          .forEach(each -> lines.append(record(each)).append('\n'));
      return lines.toString();
    }

    /** As the body of a $member-match. */
    static String request(int member) {
      return """
          {"resourceType": "Parameters", "id": "load-member-%1$d", "parameter": [
            {"name": "MemberPatient", "resource": {"resourceType": "Patient",
              "name": [{"given": ["Loadina"], "family": "Testcase%1$d"}], "birthDate": "%2$s"}},
            {"name": "CoverageToMatch", "resource": {"resourceType": "Coverage",
              "identifier": [{"value": "LOAD-%1$d"}]}},
            {"name": "Consent", "resource": {"resourceType": "Consent", "id": "consent-%1$d",
              "status": "active", "policy": [{"uri":
              "http://hl7.org/fhir/us/davinci-hrex/StructureDefinition-hrex-consent.html#regular"}],
              "provision": {"type": "permit",
                "period": {"start": "2020-01-01", "end": "2099-12-31"}}}}]}"""
          .formatted(member, birthDate(member));
    }

    private static LocalDate birthDate(int member) {
      return LocalDate.of(1950, 1, 1).plusDays(member % 20_000);
    }
  }
}
