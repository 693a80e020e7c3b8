package org.payerexchange.retrieve;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.hl7.fhir.r4.model.ResourceType;
import org.payerexchange.delivery.Sinks;
import org.payerexchange.dialect.PatientData;
import org.payerexchange.dialect.PatientData.Way;
import org.payerexchange.download.MinimumSpeed;
import org.payerexchange.export.ExportScopes;
import org.payerexchange.files.Outbox;
import org.payerexchange.files.PrivateFiles;
import org.payerexchange.http.JsonLimits;
import org.payerexchange.http.PayerRequest;
import org.payerexchange.ledger.ExportJobClaim;
import org.payerexchange.ledger.RetrievalLedger;
import org.payerexchange.ledger.SplitFile;
import org.payerexchange.payer.Payer;
import org.payerexchange.payer.PayerUrls;
import org.payerexchange.payer.Payers;
import org.payerexchange.retrieve.Checkpoint.Left;
import org.payerexchange.split.MemberFile;
import org.payerexchange.split.MemberFolders;
import org.payerexchange.step.ConsentDays;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.KeptLease;
import org.payerexchange.step.TransferException;

/**
 * The decisions of the route {@code retrieve-pages}: which page is read next, what of it is kept,
 * and the files that come of it. Each page is on the disk before its checkpoint is committed.
 */
public final class PageRetrieval {
  private static final Set<String> TYPES =
      Stream.of(ResourceType.values())
          .map(ResourceType::name)
          .collect(Collectors.toUnmodifiableSet());
  private static final int MOST_PAGES = 100_000;
  private static final int BEGUN_ANEW_AT_MOST = 3;
  private static final int OK = 200;
  private static final int LONGEST_URL = 4000;
  private static final int LONGEST_ID = 128;

  /** What need not be there is given up after so many tries. */
  private static final int MOST_TRIES = 5;

  /** What a call leaves in memory is gone with its step. */
  private static final int PAGES_A_STEP = 200;

  /** FHIR R4, {@code instant}. */
  private static final Pattern INSTANT = Pattern.compile("[0-9TZ:.+-]{10,40}");

  /** With these a call ends as anywhere: a token, or patience, may help. */
  private static final Set<Integer> NOT_OURS = Set.of(401, 408, 425, 429);

  private static final Set<Integer> GONE = Set.of(404, 410);

  private final Payers payers;
  private final Outbox outbox;
  private final MemberFolders folders;
  private final Sinks sinks;
  private final RetrievalLedger ledger;
  private final ExportScopes scopes;
  private final MinimumSpeed minimumSpeed;
  private final Limits limits;
  private final Clock clock;

  /**
   * What is bounded.
   *
   * @param pageBytes how long a page may be
   * @param bytes how long all resources of a member may be
   * @param resources how many they may be
   */
  public record Limits(long pageBytes, long bytes, int resources) {}

  /**
   * The bean {@code pageRetrieval}.
   *
   * @param scopes which types payers are asked for
   * @param minimumSpeed how slowly a page may come
   */
  public PageRetrieval(
      Payers payers,
      Outbox outbox,
      Sinks sinks,
      RetrievalLedger ledger,
      ExportScopes scopes,
      MinimumSpeed minimumSpeed,
      Limits limits,
      Clock clock) {
    this.payers = payers;
    this.outbox = outbox;
    this.folders = new MemberFolders(outbox);
    this.sinks = sinks;
    this.ledger = ledger;
    this.scopes = scopes;
    this.minimumSpeed = minimumSpeed;
    this.limits = limits;
    this.clock = clock;
  }

  /**
   * Makes sure that the member may be asked for.
   *
   * @return whether the payer is to be asked first how its data is had
   * @throws TransferException {@link FailureReason#CONSENT_EXPIRED} if the consent's last day (UTC)
   *     is over
   */
  public boolean asksHow(ExportJobClaim claim) {
    if (ConsentDays.isOver(claim.consentEnd(), clock)) {
      throw new TransferException(
          FailureReason.CONSENT_EXPIRED, "the consent ended on " + claim.consentEnd());
    }
    return claim.checkpoint() == null && data(claim).way().isEmpty();
  }

  /** The request for what the payer says of itself; it need not answer it. */
  public PayerRequest capabilities(ExportJobClaim claim) {
    return PayerRequest.of(
        payers.get(claim.payer()), data(claim).capabilities(), expected(0), false);
  }

  /** The way that is set, or in which the retrieval began. */
  public Way way(ExportJobClaim claim) {
    return claim.checkpoint() == null
        ? data(claim).way().orElseThrow()
        : Checkpoint.parse(claim.checkpoint()).way();
  }

  /** The way that the payer has by what it says of itself. */
  public Way way(ExportJobClaim claim, int status, byte[] statement) throws IOException {
    try {
      return data(claim)
          .way(status == OK ? JsonLimits.mapper().readTree(statement) : MissingNode.getInstance());
    } catch (JsonProcessingException none) {
      return data(claim).way(MissingNode.getInstance());
    }
  }

  /** Whether it is an export. */
  public boolean isExport(Way way) {
    return way == Way.EXPORT;
  }

  /**
   * Begins, or goes on from the last checkpoint.
   *
   * @throws TransferException {@link FailureReason#SINK_UNAVAILABLE} if the outbox cannot be used
   */
  public Retrieval begin(ExportJobClaim claim, Way way) {
    String types = scopes.types(claim.payer());
    Checkpoint start = Checkpoint.start(way, types);
    Checkpoint at =
        Optional.ofNullable(claim.checkpoint())
            .map(Checkpoint::parse)
            .filter(kept -> kept.types().equals(types))
            .orElse(start);
    try {
      PageFile file =
          PageFile.takeOver(
              outbox.receive(
                  claim.transferId(), outbox.file(claim.payer(), claim.transferId(), "pages")),
              claim.id(),
              claim.leaseToken(),
              at.bytes());
      Payer payer = payers.get(claim.payer());
      return new Retrieval(
          file,
          data(claim).pages(way, patient(claim), types),
          file.size() == at.bytes() ? at : start,
          payer,
          patient(claim),
          limits.resources());
    } catch (IOException unusable) {
      throw unusable(unusable);
    }
  }

  /** Whether anything is left to be read now. */
  public boolean goesOn(Retrieval retrieval) {
    return retrieval.goesOn() && retrieval.steps() < PAGES_A_STEP;
  }

  /**
   * The request for the next page, or for the next resource by reference. Its answer is a live
   * stream.
   *
   * @throws TransferException {@link FailureReason#FOREIGN_HOST} if the page leads elsewhere
   */
  public PayerRequest request(ExportJobClaim claim, Retrieval retrieval) {
    Payer payer = payers.get(claim.payer());
    PatientData data = data(claim);
    if (retrieval.readsReferences()) {
      return PayerRequest.of(
          payer, data.page(retrieval.referencePath()), expected(claim, retrieval), true);
    }
    if (retrieval.at().next() == null) {
      return PayerRequest.of(payer, data.page(retrieval.path()), expected(claim, retrieval), true);
    }
    URI next = PayerUrls.resolve(payer, retrieval.at().next());
    return PayerRequest.live(
        payer,
        next,
        PayerUrls.sendsTokenOn(payer, payer.baseUrl(), next),
        data.page("").headers(),
        expected(claim, retrieval));
  }

  /** What need not be had is not waited for without an end. */
  private static Set<Integer> expected(ExportJobClaim claim, Retrieval retrieval) {
    boolean optional = retrieval.readsReferences() || !retrieval.source().required();
    return expected(optional && claim.lease().attempts() >= MOST_TRIES ? 0 : 500);
  }

  /**
   * Those that the route handles.
   *
   * @param below the first status that it does not; 0 for none
   */
  private static Set<Integer> expected(int below) {
    return IntStream.concat(IntStream.of(OK), IntStream.range(400, below == 0 ? 600 : below))
        .boxed()
        .filter(status -> !NOT_OURS.contains(status))
        .collect(Collectors.toSet());
  }

  /**
   * Keeps what a page holds, and commits how far the retrieval is.
   *
   * @param body a live stream, which is closed
   * @throws TransferException {@link FailureReason#BAD_ANSWER} if it is no page, {@link
   *     FailureReason#PAYER_REFUSED} if the payer refuses what nothing is had without, or loses
   *     pages again and again, {@link FailureReason#TOO_LARGE}, {@link FailureReason#LEASE_LOST},
   *     {@link FailureReason#SINK_UNAVAILABLE}
   */
  public boolean page(
      ExportJobClaim claim, Retrieval retrieval, KeptLease lease, int status, InputStream body) {
    lease.check();
    Checkpoint before = retrieval.at();
    bound(before);
    try (InputStream live = body) {
      retrieval.go(
          status != OK
              ? refused(retrieval, status)
              : retrieval.readsReferences() ? read(retrieval, live) : page(retrieval, live));
    } catch (JsonProcessingException unreadable) {
      throw new TransferException(
          FailureReason.BAD_ANSWER, "a page is no JSON, or beyond our limits of it", unreadable);
    } catch (IOException unusable) {
      throw unusable(unusable);
    }
    if (!ledger.reached(claim, retrieval.at().text(), retrieval.at().isBeyond(before))) {
      throw new TransferException(FailureReason.LEASE_LOST, "the retrieval is another node's");
    }
    return true;
  }

  private static Checkpoint refused(Retrieval retrieval, int status) {
    Checkpoint at = retrieval.at();
    if (retrieval.readsReferences()) {
      return at.notRead(retrieval.takeReference());
    }
    if (at.next() != null && at.beganAnew() < BEGUN_ANEW_AT_MOST) {
      return at.anew();
    }
    if (at.next() != null && GONE.contains(status)) {
      throw new TransferException(
          FailureReason.PAYER_REFUSED,
          "the payer loses a page of %s again and again".formatted(retrieval.source().what()));
    }
    if (at.next() == null
        && at.path() == 0
        && at.alternative() + 1 < retrieval.source().alternatives().size()) {
      return at.otherwise();
    }
    if (retrieval.source().required()) {
      throw new TransferException(
          FailureReason.PAYER_REFUSED,
          "payer answered %d to the request for %s".formatted(status, retrieval.source().what()));
    }
    return at.without(
        "the payer answered %d to a search for %s: what there is of it is missing"
            .formatted(status, retrieval.source().what()));
  }

  /** What is read by reference is kept where it is what was asked for. */
  private Checkpoint read(Retrieval retrieval, InputStream body) throws IOException {
    JsonNode resource = resource(body);
    String name = retrieval.takeReference();
    boolean asAsked =
        name.equals(resource.path("resourceType").asText() + "/" + resource.path("id").asText())
            && !retrieval.isAnothers(resource);
    if (asAsked) {
      try (PageFile.Lines lines = retrieval.file().append()) {
        keep(retrieval, lines, resource);
      }
    }
    return asAsked ? retrieval.at().read(retrieval.file().size()) : retrieval.at().notRead(name);
  }

  /** One that is none, or too large, is not had by asking again. */
  private JsonNode resource(InputStream body) throws IOException {
    try {
      return PageJson.read(bounded(body), entry -> {});
    } catch (JsonProcessingException none) {
      return MissingNode.getInstance();
    } catch (TransferException failed) {
      if (failed.reason() == FailureReason.TOO_LARGE) {
        return MissingNode.getInstance();
      }
      throw failed;
    }
  }

  private Checkpoint page(Retrieval retrieval, InputStream body) throws IOException {
    Checkpoint at = retrieval.at();
    Left[] left = {Left.NOTHING};
    boolean[] hasEntries = {false};
    ObjectNode rest;
    try (PageFile.Lines lines = retrieval.file().append()) {
      rest =
          PageJson.read(
              bounded(body),
              entry -> {
                hasEntries[0] = true;
                left[0] = left[0].and(entry(retrieval, lines, entry));
              });
      if (!isBundle(rest)) {
        boolean isResource =
            rest.path("resourceType").asText().equals(retrieval.source().what()) && !hasEntries[0];
        if (!isResource) {
          throw new TransferException(
              FailureReason.BAD_ANSWER,
              "a page of %s is no Bundle".formatted(retrieval.source().what()));
        }
        if (retrieval.isAnothers(rest)) {
          throw new TransferException(
              FailureReason.BAD_ANSWER, "the payer answered with another Patient");
        }
        keep(retrieval, lines, rest);
      }
    }
    return at.after(retrieval.file().size(), next(at, rest), left[0], asOf(rest));
  }

  private void bound(Checkpoint at) {
    if (at.pages() >= MOST_PAGES || at.bytes() > limits.bytes()) {
      throw new TransferException(
          FailureReason.TOO_LARGE,
          "the payer has more than %d pages, or %d bytes (p2p.retrieve.max-bytes), of the member"
              .formatted(MOST_PAGES, limits.bytes()));
    }
    if (at.isIdle()) {
      throw new TransferException(
          FailureReason.PAYER_REFUSED,
          "the payer's pages lead on without an end, and bring nothing");
    }
  }

  private static boolean isBundle(JsonNode page) {
    return page.path("resourceType").asText().equals("Bundle");
  }

  private static String asOf(JsonNode page) {
    JsonNode made = page.path("meta").path("lastUpdated");
    return made.isTextual() && INSTANT.matcher(made.textValue()).matches()
        ? made.textValue()
        : null;
  }

  private static Left entry(Retrieval retrieval, PageFile.Lines lines, JsonNode entry)
      throws IOException {
    JsonNode resource = entry.path("resource");
    String type = resource.path("resourceType").asText();
    if (type.equals("OperationOutcome")) {
      return isHarmless(resource) ? Left.NOTHING : new Left(0, 0, 1);
    }
    if (!resource.isObject()
        || !TYPES.contains(type)
        || resource.path("id").asText().length() > LONGEST_ID) {
      return new Left(0, 1, 0);
    }
    if (retrieval.isAnothers(resource)) {
      return new Left(1, 0, 0);
    }
    keep(retrieval, lines, resource);
    return Left.NOTHING;
  }

  private static boolean isHarmless(JsonNode outcome) {
    return StreamSupport.stream(outcome.path("issue").spliterator(), false)
        .allMatch(issue -> issue.path("severity").asText().equals("information"));
  }

  private static void keep(Retrieval retrieval, PageFile.Lines lines, JsonNode resource)
      throws IOException {
    byte[] line = PageJson.line(resource);
    if (retrieval.note(resource, line)) {
      lines.add(line);
    }
  }

  private static String next(Checkpoint at, JsonNode page) {
    Optional<String> next =
        StreamSupport.stream(page.path("link").spliterator(), false)
            .filter(link -> link.path("relation").asText().equals("next"))
            .map(link -> link.path("url").asText())
            .filter(url -> !url.isBlank())
            .findFirst();
    if (next.isPresent() && next.get().equals(at.next())) {
      throw new TransferException(FailureReason.BAD_ANSWER, "a page names itself as the next one");
    }
    if (next.isPresent() && next.get().length() > LONGEST_URL) {
      throw new TransferException(
          FailureReason.BAD_ANSWER,
          "the next page has a URL of more than %d characters".formatted(LONGEST_URL));
    }
    return next.orElse(null);
  }

  private InputStream bounded(InputStream body) {
    return new PageBody(minimumSpeed.demandedOf(body), limits.pageBytes());
  }

  /**
   * Puts what was read into the transfer's folder, a file a type, and commits the end; or has the
   * step go on later where more is to be read.
   *
   * @return false if the step is another node's by now
   * @throws TransferException {@link FailureReason#SINK_UNAVAILABLE} if the outbox cannot be used,
   *     {@link FailureReason#LEASE_LOST}
   */
  public boolean end(ExportJobClaim claim, Retrieval retrieval, KeptLease lease) {
    if (retrieval.goesOn()) {
      return ledger.goesOnLater(claim);
    }
    Path folder =
        retrieval
            .file()
            .path()
            .resolveSibling("types-%d-%d".formatted(claim.id(), claim.leaseToken()));
    try {
      PrivateFiles.createFolders(folder);
      try {
        return end(claim, retrieval, lease, folder);
      } finally {
        PrivateFiles.deleteFolder(folder);
      }
    } catch (IOException unusable) {
      throw unusable(unusable);
    }
  }

  private boolean end(ExportJobClaim claim, Retrieval retrieval, KeptLease lease, Path folder)
      throws IOException {
    Path pages = retrieval.file().path();
    List<MemberFile> own = OwnFilesByType.write(pages, folder, lease::check);
    Optional<List<SplitFile>> files =
        own.isEmpty()
            ? Optional.of(List.of())
            : folders.publish(
                claim.payer(),
                claim.transferId(),
                ledger.numbers(claim),
                own,
                () -> {
                  lease.confirm();
                  return true;
                });
    boolean done =
        ledger.retrieved(
            claim,
            retrieval.at().asOf(),
            files.orElseThrow(),
            warnings(retrieval.at(), own),
            sinks.names(false),
            sinks.names(true));
    if (done) {
      retrieval.file().delete();
    } else if (ledger.isOver(claim)) {
      folders.takeAway(claim.payer(), claim.transferId(), files.get());
    }
    return done;
  }

  private static List<String> warnings(Checkpoint at, List<MemberFile> files) {
    Left left = at.left();
    return Stream.of(
            at.refused().stream(),
            counted(
                left.others(),
                "%d resources were left out: they are not the Patient's for certain"),
            counted(left.empty(), "%d entries of pages hold no resource"),
            counted(
                left.outcomes(), "%d OperationOutcomes came with pages: something may be missing"),
            counted(
                at.unread().size(),
                "%d resources that others refer to could not be read" + more(at)),
            counted(files.isEmpty() ? 1 : 0, "the payer has nothing of this member"))
        .flatMap(warnings -> warnings)
        .toList();
  }

  private static String more(Checkpoint at) {
    return at.unread().size() < Retrieval.MOST_UNREAD ? "" : ", and others were not asked for";
  }

  private static Stream<String> counted(long count, String words) {
    return count == 0 ? Stream.empty() : Stream.of(words.formatted(count));
  }

  private PatientData data(ExportJobClaim claim) {
    return payers
        .get(claim.payer())
        .dialect()
        .patientData()
        .orElseThrow(
            () ->
                new TransferException(
                    FailureReason.UNKNOWN_PAYER,
                    "the payer's dialect was changed since the match: put it back, or send the record anew"));
  }

  private static String patient(ExportJobClaim claim) {
    if (claim.patientId() == null) {
      throw new TransferException(
          FailureReason.INTERNAL, "the payer's Patient is not kept any more: send the record anew");
    }
    return claim.patientId();
  }

  private static TransferException unusable(IOException cause) {
    return new TransferException(
        FailureReason.SINK_UNAVAILABLE, "the outbox directory cannot be used", cause);
  }
}
