package org.payerexchange.support;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.interceptor.api.Hook;
import ca.uhn.fhir.interceptor.api.Interceptor;
import ca.uhn.fhir.interceptor.api.Pointcut;
import ca.uhn.fhir.rest.annotation.Transaction;
import ca.uhn.fhir.rest.annotation.TransactionParam;
import ca.uhn.fhir.rest.server.RestfulServer;
import ca.uhn.fhir.rest.server.exceptions.BaseServerResponseException;
import ca.uhn.fhir.rest.server.exceptions.ResourceGoneException;
import ca.uhn.fhir.rest.server.exceptions.ResourceNotFoundException;
import ca.uhn.fhir.rest.server.exceptions.UnprocessableEntityException;
import ca.uhn.fhir.util.FhirTerser;
import ca.uhn.fhir.util.ResourceReferenceInfo;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Function;
import java.util.function.Predicate;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.servlet.ServletContextHandler;
import org.eclipse.jetty.servlet.ServletHolder;
import org.hl7.fhir.r4.model.Bundle;
import org.hl7.fhir.r4.model.IntegerType;
import org.hl7.fhir.r4.model.OperationOutcome;
import org.hl7.fhir.r4.model.Resource;

/**
 * A HAPI FHIR server over HTTP that keeps resources with their versions in memory, takes
 * transactions whole or not at all and each entry of a batch alone, and knows no change where
 * nothing changed. It may insist on references that resolve, refuse entries, and answer instead of
 * HAPI.
 */
public final class FhirTestServer implements AutoCloseable {
  private static final FhirContext FHIR = FhirContext.forR4Cached();

  private final Map<String, List<Resource>> versions = new TreeMap<>();
  private final List<Bundle> received = new ArrayList<>();
  private final List<Map<String, String>> headers = new ArrayList<>();
  private final List<Instant> times = new ArrayList<>();
  private final ConcurrentLinkedQueue<Refusal> refusals = new ConcurrentLinkedQueue<>();
  private final Server jetty = new Server();
  private Predicate<Resource> unwanted = resource -> false;
  private Function<Bundle.BundleEntryComponent, Integer> entryStatus = entry -> 0;
  private int transactionStatus;
  private int issues = 1;
  private volatile Callable<?> beforeEach = () -> null;
  private boolean integrity;
  private boolean echo;

  private record Refusal(int status, String retryAfter) {}

  private FhirTestServer() {}

  /** Starts one on a free port of the loopback interface. */
  public static FhirTestServer start() throws Exception {
    FhirTestServer server = new FhirTestServer();
    ServerConnector connector = new ServerConnector(server.jetty);
    connector.setHost("127.0.0.1");
    server.jetty.addConnector(connector);
    RestfulServer restful = new RestfulServer(FHIR);
    restful.registerProvider(server.new Transactions());
    restful.registerInterceptor(server.new Gate());
    ServletContextHandler handler = new ServletContextHandler();
    handler.addServlet(new ServletHolder(restful), "/fhir/*");
    server.jetty.setHandler(handler);
    server.jetty.start();
    return server;
  }

  /** Its base URL. */
  public String url() {
    return "http://127.0.0.1:%d/fhir"
        .formatted(((ServerConnector) jetty.getConnectors()[0]).getLocalPort());
  }

  /** Refuses changes whose references lead nowhere. */
  public FhirTestServer insistOnReferences() {
    integrity = true;
    return this;
  }

  /** Sends back what it was sent, asked for or not. */
  public FhirTestServer sendBack() {
    echo = true;
    return this;
  }

  /** Refuses these resources with 422. */
  public FhirTestServer refuse(Predicate<Resource> some) {
    unwanted = some;
    return this;
  }

  /** Gives entries of a batch a status of its own; 0 for none. */
  public FhirTestServer answerEntries(Function<Bundle.BundleEntryComponent, Integer> status) {
    entryStatus = status;
    return this;
  }

  /** Says so many things of each entry of a batch that it refuses, as a validator does. */
  public FhirTestServer explain(int refusedWith) {
    issues = refusedWith;
    return this;
  }

  /** Knows no transactions, and answers them with this status. */
  public FhirTestServer answerTransactions(int status) {
    transactionStatus = status;
    return this;
  }

  /** Has each request do this first. */
  public void beforeEach(Callable<?> work) {
    beforeEach = work;
  }

  /** Answers the next request with a status instead of doing it. */
  public FhirTestServer answerOnce(int status, String retryAfter) {
    refusals.add(new Refusal(status, retryAfter));
    return this;
  }

  /** The latest versions by relative URL. */
  public synchronized Map<String, Resource> resources() {
    Map<String, Resource> latest = new LinkedHashMap<>();
    versions.forEach((url, all) -> latest.put(url, all.get(all.size() - 1)));
    latest.values().removeIf(resource -> resource == null);
    return latest;
  }

  /** The latest version of one. */
  public <T extends Resource> T resource(Class<T> type, String url) {
    return type.cast(resources().get(url));
  }

  /** How many versions a resource has had. */
  public synchronized int versions(String url) {
    return versions.getOrDefault(url, List.of()).size();
  }

  /** The Bundles that came, in their order. */
  public synchronized List<Bundle> received() {
    return List.copyOf(received);
  }

  /** The headers of all requests, names in lower case. */
  public synchronized List<Map<String, String>> headers() {
    return List.copyOf(headers);
  }

  /** When requests came. */
  public synchronized List<Instant> requestTimes() {
    return List.copyOf(times);
  }

  /** Puts a resource there. */
  public synchronized void put(Resource resource) {
    String url = resource.fhirType() + "/" + resource.getIdElement().getIdPart();
    versions.computeIfAbsent(url, key -> new ArrayList<>()).add(resource);
  }

  /** All references that lead nowhere, as {@code from -> to}. */
  public List<String> dangling() {
    Map<String, Resource> all = resources();
    List<String> dangling = new ArrayList<>();
    all.forEach(
        (url, resource) ->
            references(resource).stream()
                .filter(target -> !all.containsKey(target))
                .forEach(target -> dangling.add(url + " -> " + target)));
    return dangling;
  }

  private static List<String> references(Resource resource) {
    FhirTerser terser = FHIR.newTerser();
    return terser.getAllResourceReferences(resource).stream()
        .map(ResourceReferenceInfo::getResourceReference)
        .map(reference -> reference.getReferenceElement().getValue())
        .filter(target -> target != null && !target.startsWith("#"))
        .toList();
  }

  @Override
  public void close() throws Exception {
    jetty.stop();
  }

  /** The transaction interaction. */
  public final class Transactions {

    /** Does what a Bundle asks for. */
    @Transaction
    public Bundle transaction(@TransactionParam Bundle bundle) {
      synchronized (FhirTestServer.this) {
        received.add(bundle);
        Map<String, Resource> before = resources();
        boolean whole = bundle.getType() == Bundle.BundleType.TRANSACTION;
        if (whole && transactionStatus != 0) {
          throw BaseServerResponseException.newInstance(transactionStatus, "as told");
        }
        Map<String, Resource> after = new HashMap<>(before);
        if (whole) {
          bundle.getEntry().forEach(entry -> change(entry, after));
        }
        Bundle answer = new Bundle();
        answer.setType(
            whole ? Bundle.BundleType.TRANSACTIONRESPONSE : Bundle.BundleType.BATCHRESPONSE);
        for (Bundle.BundleEntryComponent entry : bundle.getEntry()) {
          Bundle.BundleEntryComponent answered =
              answer.addEntry().setResponse(whole ? check(entry, after) : alone(entry, after));
          if (echo || entry.getRequest().getMethod() == Bundle.HTTPVerb.GET) {
            answered.setResource(after.get(entry.getRequest().getUrl()));
          }
        }
        keep(before, after);
        return answer;
      }
    }
  }

  private Bundle.BundleEntryResponseComponent alone(
      Bundle.BundleEntryComponent entry, Map<String, Resource> all) {
    Map<String, Resource> before = new HashMap<>(all);
    try {
      int status = entryStatus.apply(entry);
      if (status != 0) {
        throw BaseServerResponseException.newInstance(status, "as told");
      }
      change(entry, all);
      return check(entry, all);
    } catch (BaseServerResponseException refused) {
      all.clear();
      all.putAll(before);
      OperationOutcome outcome = new OperationOutcome();
      for (int issue = 0; issue < issues; issue++) {
        explain(outcome, issue, refused.getMessage());
      }
      return new Bundle.BundleEntryResponseComponent()
          .setStatus(refused.getStatusCode() + " Refused")
          .setOutcome(outcome);
    }
  }

  /** As HAPI's validator tells it. */
  private static void explain(OperationOutcome outcome, int issue, String message) {
    String place = "Observation.component[%s].code".formatted(issue);
    OperationOutcome.OperationOutcomeIssueComponent told =
        outcome
            .addIssue()
            .setSeverity(OperationOutcome.IssueSeverity.ERROR)
            .setCode(OperationOutcome.IssueType.PROCESSING)
            .setDiagnostics(message);
    if (issue > 0) {
      told.addLocation(place).addLocation("Line[1] Col[%s]".formatted(issue)).addExpression(place);
      told.getDetails().addCoding().setSystem("http://hl7.org/validator").setCode("code_unknown");
      for (String where : List.of("issue-line", "issue-col")) {
        told.addExtension(
            "http://hl7.org/fhir/StructureDefinition/operationoutcome-" + where,
            new IntegerType(issue));
      }
    }
  }

  private void change(Bundle.BundleEntryComponent entry, Map<String, Resource> all) {
    String url = entry.getRequest().getUrl();
    switch (entry.getRequest().getMethod()) {
      case PUT -> {
        if (unwanted.test(entry.getResource())) {
          throw new UnprocessableEntityException("not wanted");
        }
        all.put(url, entry.getResource());
      }
      case DELETE -> {
        if (all.remove(url) == null) {
          throw new ResourceGoneException("gone already");
        }
      }
      case GET -> {
        if (!all.containsKey(url)) {
          throw new ResourceNotFoundException("not known");
        }
      }
      default -> throw new UnprocessableEntityException("method");
    }
  }

  private Bundle.BundleEntryResponseComponent check(
      Bundle.BundleEntryComponent entry, Map<String, Resource> all) {
    if (integrity && entry.getResource() != null) {
      for (String target : references(entry.getResource())) {
        if (!all.containsKey(target)) {
          throw new UnprocessableEntityException("no " + target);
        }
      }
    }
    return new Bundle.BundleEntryResponseComponent().setStatus("200 OK");
  }

  private void keep(Map<String, Resource> before, Map<String, Resource> after) {
    after.forEach(
        (url, resource) -> {
          Resource old = before.get(url);
          if (old == null || (old != resource && !old.equalsDeep(resource))) {
            versions.computeIfAbsent(url, key -> new ArrayList<>()).add(resource);
          }
        });
    before.keySet().stream()
        .filter(url -> !after.containsKey(url))
        .forEach(url -> versions.get(url).add(null));
  }

  /** Stands before HAPI. */
  @Interceptor
  public final class Gate {

    /** Notes the request, and answers it if it is told to. */
    @Hook(Pointcut.SERVER_INCOMING_REQUEST_PRE_PROCESSED)
    public boolean let(HttpServletRequest request, HttpServletResponse response) throws Exception {
      Map<String, String> all = new HashMap<>();
      request
          .getHeaderNames()
          .asIterator()
          .forEachRemaining(
              name -> all.put(name.toLowerCase(Locale.ROOT), request.getHeader(name)));
      synchronized (FhirTestServer.this) {
        headers.add(all);
        times.add(Instant.now());
      }
      beforeEach.call();
      Refusal refusal = refusals.poll();
      if (refusal == null) {
        return true;
      }
      response.setStatus(refusal.status());
      if (refusal.retryAfter() != null) {
        response.setHeader("Retry-After", refusal.retryAfter());
      }
      return false;
    }
  }
}
