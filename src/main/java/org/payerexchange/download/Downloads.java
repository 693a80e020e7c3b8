package org.payerexchange.download;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.payerexchange.files.BinaryIds;
import org.payerexchange.files.FileHash;
import org.payerexchange.files.Outbox;
import org.payerexchange.http.PayerRequest;
import org.payerexchange.http.RequestKind;
import org.payerexchange.ledger.Attachment;
import org.payerexchange.ledger.FetchedFile;
import org.payerexchange.ledger.FileKind;
import org.payerexchange.ledger.FoundAttachments;
import org.payerexchange.ledger.LinkLoss;
import org.payerexchange.ledger.OutputFileClaim;
import org.payerexchange.ledger.PatientBound;
import org.payerexchange.ledger.store.OutputFileLedger;
import org.payerexchange.payer.Payer;
import org.payerexchange.payer.PayerUrls;
import org.payerexchange.payer.Payers;
import org.payerexchange.split.MemberFile;
import org.payerexchange.split.OwnLines;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.KeptLease;
import org.payerexchange.step.TransferException;
import org.springframework.util.unit.DataSize;

/**
 * Fetches one claimed output file into the outbox (FHIR Bulk Data Access 2, file request). A
 * transfer that breaks leaves its part behind, and the next attempt asks for the rest where the
 * server allows ranges (RFC 9110, 14.2). A server that answers with less than the rest is asked
 * again at once.
 */
public final class Downloads {
  private static final String NDJSON = "application/fhir+ndjson";
  private static final Set<Integer> HANDLED = Set.of(200, 203, 204, 206, 404, 410, 416);
  private static final Set<Integer> WITHOUT_MANIFEST = Set.of(200, 203, 204, 206, 416);
  private static final Set<FailureReason> NOT_TO_BE_HAD =
      EnumSet.of(FailureReason.FILE_INVALID, FailureReason.TOO_LARGE);
  private static final Set<Integer> RETRIED = Set.of(401, 408, 429);

  private static final Pattern MEDIA_TYPE = Pattern.compile("[\\w.+-]+/[\\w.+-]+");

  private final Outbox outbox;
  private final Payers payers;
  private final OutputFileLedger ledger;
  private final MinimumSpeed minimumSpeed;
  private final Arrival.Bounds bounds;
  private final PatientBound patients;
  private final DataSize largestLine;
  private final Clock clock;

  /**
   * Wires it.
   *
   * @param outbox where files are received, and end
   * @param payers whose files are fetched
   * @param ledger learns of expired URLs
   * @param minimumSpeed how slowly a file may come
   * @param limits how large a file may be
   * @param deadline how long receiving one may take, in all tries that went on with it
   * @param patients how many there may be of one member
   * @param largestLine attachments up to this size become lines
   * @param clock measures that, and tells which URLs are old
   */
  public Downloads(
      Outbox outbox,
      Payers payers,
      OutputFileLedger ledger,
      MinimumSpeed minimumSpeed,
      ByteLimits limits,
      Duration deadline,
      PatientBound patients,
      DataSize largestLine,
      Clock clock) {
    this.outbox = outbox;
    this.payers = payers;
    this.ledger = ledger;
    this.minimumSpeed = minimumSpeed;
    this.bounds = new Arrival.Bounds(limits, deadline, clock);
    this.patients = patients;
    this.largestLine = largestLine;
    this.clock = clock;
  }

  /** Begins with a file; the route keeps what it returns as its variable {@code download}. */
  public Download begin(OutputFileClaim claim, KeptLease lease) {
    return new Download(
        claim,
        lease,
        new Reception(
            mine(claim),
            bytes -> copy(claim, bytes),
            announced(claim),
            outbox::writer,
            bounds.of(claim, lease)),
        minimumSpeed.measured());
  }

  private static FileCopy copy(OutputFileClaim claim, long bytes) {
    return claim.kind() == FileKind.ATTACHMENT
        ? new AttachmentCopy(claim.attachment().size())
        : new CheckedCopy(claim.resourceType(), bytes);
  }

  /** Whether it is to be asked for, or for what is behind the piece that has come. */
  public boolean isOpen(Download download) {
    return download.isOpen();
  }

  /**
   * The request for a file, or for the rest of it if an earlier attempt, or the answer before, left
   * a part.
   *
   * @throws TransferException {@link FailureReason#FOREIGN_HOST} if the file's URL leads elsewhere,
   *     {@link FailureReason#TOO_LARGE} if it is announced to have more than is taken, {@link
   *     FailureReason#LEASE_LOST}
   */
  public PayerRequest request(Download download) {
    OutputFileClaim claim = download.claim();
    download.close();
    download.lease().check();
    bounds.limits().expect(claim);
    Payer payer = payers.get(claim.payer());
    URI url = PayerUrls.resolve(payer, claim.url());
    boolean token = PayerUrls.sendsTokenWithFile(payer, url, claim.requiresAccessToken());
    PayerRequest request =
        PayerRequest.live(RequestKind.FILE, payer, url, token, headers(download), handled(claim));
    return claim.kind() == FileKind.ATTACHMENT ? request.withOwnPacking() : request;
  }

  private Map<String, String> headers(Download download) {
    OutputFileClaim claim = download.claim();
    Map<String, String> headers = new HashMap<>(Map.of("Accept", accept(claim)));
    if (download.isPlain()) {
      headers.put("Accept-Encoding", "identity");
    }
    try {
      PartialFile part = download.hasBegun() ? begun(download) : takenOver(claim);
      Optional<PartialFile.Note> parked = part.parked().filter(note -> note.mayBeOf(source(claim)));
      if (parked.isPresent()) {
        // Ranges count the bytes that travel; a compressed answer's are not the file's.
        headers.put("Accept-Encoding", "identity");
        headers.put("Range", "bytes=%s-".formatted(part.size()));
        parked
            .map(PartialFile.Note::validator)
            .filter(validator -> !validator.isEmpty())
            .ifPresent(validator -> headers.put("If-Range", validator));
      }
    } catch (IOException unusable) {
      throw unusable(download, unusable);
    }
    return headers;
  }

  /** It is not created anew where it went with its transfer. */
  private static PartialFile begun(Download download) throws IOException {
    PartialFile part = download.part();
    if (!part.isParked()) {
      throw new NoSuchFileException(part.path().toString());
    }
    return part;
  }

  /** With its transfer what was received of it went. */
  private TransferException unusable(Download download, IOException why) {
    download.lease().confirm();
    return outbox.unusable(why);
  }

  private static String accept(OutputFileClaim claim) {
    if (claim.kind() != FileKind.ATTACHMENT) {
      return NDJSON;
    }
    String type = claim.attachment().contentType();
    return type != null && MEDIA_TYPE.matcher(type).matches() ? type + ", */*;q=0.1" : "*/*";
  }

  /**
   * An error file that cannot be had is only a warning, whatever the reason. No manifest names an
   * attachment's URL anew.
   */
  private static Set<Integer> handled(OutputFileClaim claim) {
    if (claim.kind() == FileKind.ATTACHMENT) {
      return WITHOUT_MANIFEST;
    }
    if (claim.kind() != FileKind.ERROR) {
      return HANDLED;
    }
    return IntStream.concat(IntStream.of(200, 203, 204, 206), IntStream.range(400, 500))
        .filter(status -> !RETRIED.contains(status))
        .boxed()
        .collect(Collectors.toSet());
  }

  /**
   * Streams the answer to the outbox, where it is nobody's until the ledger has it.
   *
   * @param body the live stream of the answer; closed, whatever happens
   * @param headers the answer's status and headers
   * @return what was fetched; empty with a warning for an error file that cannot be had; null where
   *     there is more to be asked for
   * @throws TransferException {@link FailureReason#FILE_INVALID} for a line that is not what was
   *     announced, {@link FailureReason#PAYER_UNAVAILABLE} if the answer breaks off, {@link
   *     FailureReason#SINK_UNAVAILABLE} if the outbox cannot be written, {@link
   *     FailureReason#TOO_LARGE}, {@link FailureReason#LEASE_LOST}
   */
  public FetchedFile store(Download download, InputStream body, Map<String, Object> headers) {
    OutputFileClaim claim = download.claim();
    // The stream gives its connection up when it is closed before its end.
    try (InputStream live = body) {
      FileAnswer answer = FileAnswer.of(headers, source(claim));
      boolean refused = answer.isRefusal();
      if (refused && !download.reception().isEndedBy(answer)) {
        download.part().delete();
        return withoutFile(claim, answer.status());
      }
      if (answer.isPackedPart()) {
        startOverPlainly(download);
        return null;
      }
      if (!refused) {
        download.said(headers.get("Content-Type"));
      }
      InputStream file = refused ? InputStream.nullInputStream() : download.measured(live);
      if (!isWhole(download, answer, file)) {
        askOn(download);
        return null;
      }
      return claim.kind() == FileKind.ATTACHMENT ? attachment(download) : lines(download);
    } catch (TransferException invalid) {
      if (claim.kind() == FileKind.ERROR && NOT_TO_BE_HAD.contains(invalid.reason())) {
        return nothing(invalid.getMessage());
      }
      throw invalid;
    } catch (IOException unusable) {
      throw unusable(download, unusable);
    }
  }

  /** What has come is parked: a payer that is not to be called is asked for the rest later. */
  private void askOn(Download download) {
    if (ledger.mayAskOn(download.claim())) {
      download.askOn();
    } else {
      ledger.restLater(download.claim());
    }
  }

  private boolean isWhole(Download download, FileAnswer answer, InputStream body)
      throws IOException {
    Reception reception = download.reception();
    boolean whole;
    try {
      whole = reception.receive(answer, body);
    } catch (TransferException broken) {
      boundPatients(download.claim(), reception);
      throw broken;
    }
    boundPatients(download.claim(), reception);
    return whole;
  }

  private static void startOverPlainly(Download download) throws IOException {
    download.reception().drop();
    if (download.isPlain()) {
      throw new TransferException(
          FailureReason.PAYER_UNAVAILABLE,
          "the payer answers with a part of the file that is packed, which nothing can be asked for behind");
    }
    download.askPlainly();
  }

  private FetchedFile lines(Download download) throws IOException {
    OutputFileClaim claim = download.claim();
    PartialFile part = download.part();
    KeptLease lease = download.lease();
    FileCopy copy = download.reception().copy();
    if (claim.isOfPatient() && claim.kind() == FileKind.OUTPUT) {
      return own(claim, part, lease, copy.resources());
    }
    return new FetchedFile(
        copy.resources(),
        copy.bytes(),
        copy.sha256Hex(),
        publish(claim, part, lease),
        warnings(claim, copy.resources()));
  }

  private void boundPatients(OutputFileClaim claim, Reception reception) throws IOException {
    if (!claim.holdsPatients() || claim.isOfPatient()) {
      return;
    }
    try {
      patients.check(claim.resourceType(), reception.resources());
    } catch (TransferException others) {
      reception.part().delete();
      throw others;
    }
  }

  private FetchedFile own(OutputFileClaim claim, PartialFile part, KeptLease lease, long came)
      throws IOException {
    MemberFile own =
        new OwnPart(new OwnLines(payers.get(claim.payer()), claim::isOf))
            .of(claim.resourceType(), part.path(), lease::check);
    List<String> warnings = new ArrayList<>(warnings(claim, came));
    if (own.lines() < came) {
      warnings.add(
          "%s resources were left out: they are not the Patient's for certain"
              .formatted(came - own.lines()));
    }
    return new FetchedFile(
        own.lines(), own.bytes(), own.sha256(), publish(claim, part, lease), warnings);
  }

  private FetchedFile attachment(Download download) throws IOException {
    OutputFileClaim claim = download.claim();
    PartialFile part = download.part();
    KeptLease lease = download.lease();
    ReceivedAttachment received = new ReceivedAttachment(claim.attachment(), outbox::writer);
    PartialFile content = beside(claim, part, "content");
    PartialFile line = beside(claim, part, "line");
    try {
      PartialFile whole =
          received.unwrap(part.path(), download.contentType(), content) ? content : part;
      received.check(whole.path());
      boolean small = Files.size(whole.path()) <= largestLine.toBytes();
      if (small) {
        String id = BinaryIds.of(payers.get(claim.payer()), claim.attachment().url(), whole.path());
        received.writeLine(id, whole.path(), line);
        whole = line;
      }
      OutputFileClaim known = claim.as(small ? Attachment.LINE : Attachment.OPAQUE);
      long bytes = Files.size(whole.path());
      String sha256 =
          whole.equals(part)
              ? download.reception().copy().sha256Hex()
              : FileHash.sha256(whole.path());
      return new FetchedFile(
          small ? 1 : 0,
          bytes,
          sha256,
          publish(known, whole, lease),
          received.warnings(),
          known.resourceType(),
          FoundAttachments.NONE);
    } finally {
      part.delete();
      content.delete();
      line.delete();
    }
  }

  private static PartialFile beside(OutputFileClaim claim, PartialFile part, String what)
      throws IOException {
    return PartialFile.takeOver(
        part.path().getParent(), claim.name() + "-" + what, claim.leaseToken());
  }

  private String publish(OutputFileClaim claim, PartialFile part, KeptLease lease)
      throws IOException {
    try {
      return outbox.publish(part.path(), outbox.file(claim), lease);
    } finally {
      part.delete();
    }
  }

  private static FetchedFile withoutFile(OutputFileClaim claim, int status) {
    if (claim.kind() == FileKind.ERROR) {
      return nothing("the payer answered " + status);
    }
    // 416: the part that was to be gone on with is none of the file that is there now.
    throw new TransferException(
        FailureReason.PAYER_UNAVAILABLE, "the payer cannot go on with the file, it starts over");
  }

  private static List<String> warnings(OutputFileClaim claim, long resources) {
    Long announced = announced(claim);
    return announced == null || announced == resources
        ? List.of()
        : List.of("%s resources announced, %s arrived".formatted(announced, resources));
  }

  /** What an error file's {@code count} counts is what failed; of deleted files nobody says. */
  private static Long announced(OutputFileClaim claim) {
    return claim.kind() == FileKind.OUTPUT ? claim.expectedCount() : null;
  }

  private static FetchedFile nothing(String why) {
    return new FetchedFile(
        0,
        0,
        FileHash.OF_NOTHING,
        null,
        List.of("the payer's error file could not be had: " + why));
  }

  /**
   * Whether the payer has said of the file's URL that its time is over by now. What a payer answers
   * for it then is anything: a page, a 401, another file.
   */
  public boolean isOld(OutputFileClaim claim) {
    return hasManifest(claim)
        && claim.goodUntil() != null
        && !clock.instant().isBefore(claim.goodUntil());
  }

  /**
   * Whether an answer says that the payer does not know the file any more (404, 410; a call says
   * 410 for a signed URL whose time is over), an error file or attachment apart.
   */
  public boolean isGone(OutputFileClaim claim, int status) {
    return hasManifest(claim) && (status == 404 || status == 410);
  }

  /** Whether its manifest is worth asking for again. */
  private static boolean hasManifest(OutputFileClaim claim) {
    return claim.kind() != FileKind.ERROR && claim.kind() != FileKind.ATTACHMENT;
  }

  /**
   * Records that the payer does not know a file any more: the manifest is fetched again, for it may
   * name new URLs.
   *
   * @return false if the row is another node's by now
   */
  public boolean gone(Download download) {
    return lost(download, LinkLoss.IN_VAIN);
  }

  /**
   * The same of a file that was not asked for, as its URL is old.
   *
   * @return false if the row is another node's by now
   */
  public boolean old(Download download) {
    return lost(download, LinkLoss.NOT_ASKED);
  }

  private boolean lost(Download download, LinkLoss loss) {
    download.close();
    OutputFileClaim claim = download.claim();
    try {
      return ledger.manifestNeeded(claim, takenOver(claim).hasGrown() ? LinkLoss.MORE_CAME : loss);
    } catch (IOException unusable) {
      throw outbox.unusable(unusable);
    }
  }

  private static String source(OutputFileClaim claim) {
    return FileHash.sha256(claim.url());
  }

  private PartialFile takenOver(OutputFileClaim claim) throws IOException {
    return PartialFile.takeOver(
        outbox.receive(claim.transferId(), outbox.file(claim)), claim.name(), claim.leaseToken());
  }

  /** Which its first request takes over. */
  private PartialFile mine(OutputFileClaim claim) {
    Path folder = outbox.incoming().folder(claim.transferId());
    return PartialFile.of(folder, claim.name(), claim.leaseToken());
  }
}
