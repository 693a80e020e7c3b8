package org.payerexchange.export;

import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.payerexchange.dialect.BatchCounts;
import org.payerexchange.dialect.JobReport;
import org.payerexchange.http.Expires;
import org.payerexchange.http.OutcomeCodes;
import org.payerexchange.http.PayerRequest;
import org.payerexchange.http.RetryAfter;
import org.payerexchange.ledger.ExportJobClaim;
import org.payerexchange.ledger.ManifestFacts;
import org.payerexchange.ledger.NewFile;
import org.payerexchange.ledger.Progress;
import org.payerexchange.payer.Payer;
import org.payerexchange.payer.PayerUrls;
import org.payerexchange.payer.Payers;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.Retryability;
import org.payerexchange.step.TransferException;

/**
 * Asks for a running export job, and gives up the job at the payer in the end (FHIR Bulk Data
 * Access 2, "Bulk Data Status Request" and "Bulk Data Delete Request").
 */
public final class ExportPoll {
  private static final Map<String, String> HEADERS = Map.of("Accept", "application/json");

  /** Any status that is a yes. */
  static final Set<Integer> SUCCESS = successOr();

  private static final Set<Integer> ANSWERED = successOr(404, 410);

  /** Any 2xx is a yes; 404, 405 and 410 say that there is nothing to release. */
  private static final Set<Integer> RELEASED = successOr(404, 405, 410);

  /** How often a poll may get no answer past the deadline before the job is given up. */
  private static final int LAST_TRIES = 3;

  /** All that is kept of an X-Progress: its other words may hold PHI. */
  private static final Pattern SHARE =
      Pattern.compile(
          "(?<![\\w./-])(\\d{1,3}(\\.\\d{1,2})? ?%|\\d{1,7} ?(of|/) ?\\d{1,7}(?![\\w/-]))");

  /** A status that may be told: other words may be a person's. */
  private static final Pattern WORD =
      Pattern.compile("[a-z]+([-_][a-z]+){0,3}|[A-Z]+(_[A-Z]+){1,3}");

  private static final Pattern STATUS = Pattern.compile("\\s*[2-5]\\d\\d\\s*");

  private static final Pattern RESOURCE_TYPE = Pattern.compile("[A-Z][A-Za-z]{1,63}");

  private final Payers payers;
  private final ExportScopes scopes;
  private final PollSchedule schedule;
  private final int maxFiles;
  private final Clock clock;

  /**
   * The steps of a poll.
   *
   * @param payers where to call
   * @param scopes tells whether a manifest's time is needed
   * @param schedule when the next poll is due, and when there is none any more
   * @param maxFiles how many files a manifest may name
   * @param clock tells how far away a Retry-After date is
   */
  public ExportPoll(
      Payers payers, ExportScopes scopes, PollSchedule schedule, int maxFiles, Clock clock) {
    this.payers = payers;
    this.scopes = scopes;
    this.schedule = schedule;
    this.maxFiles = maxFiles;
    this.clock = clock;
  }

  /**
   * The request for the job's status.
   *
   * @throws TransferException {@link FailureReason#FOREIGN_HOST} if the payer's configuration no
   *     longer allows its URL
   */
  public PayerRequest request(ExportJobClaim claim) {
    return PayerRequest.get(payer(claim), statusUrl(claim), HEADERS, ANSWERED);
  }

  /**
   * The request that releases the job at the payer.
   *
   * @throws TransferException {@link FailureReason#FOREIGN_HOST} if the payer's configuration no
   *     longer allows its URL
   */
  public PayerRequest release(ExportJobClaim claim) {
    return release(payer(claim), statusUrl(claim));
  }

  static PayerRequest release(Payer payer, URI statusUrl) {
    return PayerRequest.delete(payer, statusUrl, RELEASED);
  }

  /** Whether members still wait for attachments, whose links may not outlive the export. */
  public boolean isNeeded(ExportJobClaim claim) {
    return claim.needed();
  }

  /**
   * Checks that the deadline has not passed without any answer of late. What a payer answers, if
   * only that it is busy, comes to an end of its own.
   *
   * @throws TransferException {@link FailureReason#RETRY_DEADLINE} if it has: what became of the
   *     job is not known, so that it is left at the payer as any other that fails
   */
  public void checkDeadline(ExportJobClaim claim) {
    if (claim.unanswered() >= LAST_TRIES && schedule.isOver(claim.startedAt())) {
      throw new TransferException(
          FailureReason.RETRY_DEADLINE,
          "the payer does not answer for the job, and p2p.poll.deadline is over");
    }
  }

  /**
   * What the answer means for the job. A job that is ready is taken even past its deadline.
   *
   * @param httpStatus any 2xx, 404 or 410
   * @param exportStatus the answer's {@code X-Export-Status}, in place of the HTTP status that an
   *     answer with 200 or 203 would have; null for none
   * @param retryAfter the answer's {@code Retry-After}, null for none
   * @param body the answer's body; an empty object where there is none
   * @throws TransferException {@link FailureReason#JOB_FAILED} if the payer says that it failed, by
   *     an OperationOutcome as its final answer, {@link FailureReason#PAYER_UNAVAILABLE} if an
   *     OperationOutcome tells of an error that may pass, {@link FailureReason#BAD_ANSWER} if the
   *     answer is neither a status nor a manifest, or a status that nobody knows
   */
  public JobStatus status(
      ExportJobClaim claim,
      int httpStatus,
      String exportStatus,
      String retryAfter,
      StatusAnswer body) {
    JobReport report = report(claim, body);
    int meant = meant(httpStatus, exportStatus);
    JobStatus status = JobStatus.of(meant, body, report.word());
    return switch (status) {
      case FAILED ->
          throw new TransferException(
              FailureReason.JOB_FAILED,
              "the payer says that the export job failed or was cancelled");
      case REFUSED -> throw outcome(FailureReason.JOB_FAILED, claim, meant, body).asFinalAnswer();
      case TROUBLED -> throw outcome(FailureReason.PAYER_UNAVAILABLE, claim, meant, body);
      case UNREADABLE ->
          throw new TransferException(
              FailureReason.BAD_ANSWER, "the payer's answer is neither a status nor a manifest");
      case UNKNOWN ->
          retryAfter == null && !isAtWork(report)
              ? unknown(claim, body, report)
              : running(claim, body);
      case RUNNING -> running(claim, body);
      case SUCCESSFUL, GONE, OVERDUE -> status;
    };
  }

  /**
   * The status that an answer stands for (Bulk Data Access 4, {@code separate-export-status}),
   * whether that was asked for or not.
   *
   * @param exportStatus the answer's {@code X-Export-Status}, null for none
   */
  public static int meant(int httpStatus, String exportStatus) {
    return PayerRequest.WHOLE.contains(httpStatus)
            && exportStatus != null
            && STATUS.matcher(exportStatus).matches()
        ? Integer.parseInt(exportStatus.strip())
        : httpStatus;
  }

  /**
   * How far the job is: the share in {@code X-Progress} and the batches, as far as the payer says.
   *
   * @param xProgress the header, null for none
   * @param body the answer's body
   */
  public Progress progress(ExportJobClaim claim, String xProgress, StatusAnswer body) {
    String text =
        Stream.of(share(xProgress), report(claim, body).batches().map(BatchCounts::toString))
            .flatMap(Optional::stream)
            .collect(Collectors.joining("; "));
    return new Progress(text.isEmpty() ? null : text);
  }

  /**
   * How long to wait for the next poll.
   *
   * @param retryAfter the answer's {@code Retry-After}, null for none
   * @param date the answer's {@code Date}, null for none
   */
  public Duration nextPollIn(ExportJobClaim claim, String retryAfter, String date) {
    return schedule.next(
        claim.startedAt(), claim.polls(), RetryAfter.parse(retryAfter, date, clock));
  }

  /**
   * How long to wait until a job that the payer lost is kicked off again: a payer that is being
   * restarted knows none for a while.
   */
  public Duration kickOffAgainIn(ExportJobClaim claim) {
    return schedule.restart(claim.restarts());
  }

  /**
   * Reads the manifest of a job that is ready, which may be the first page of several.
   *
   * @param expires the answer's {@code Expires}, null for none
   * @param date the answer's {@code Date}, null for none
   * @throws TransferException as {@link ExportManifest#of}, and {@link FailureReason#FOREIGN_HOST}
   *     if a file or its next page is elsewhere
   */
  public ManifestPages pages(ExportJobClaim claim, StatusAnswer body, String expires, String date) {
    URI asked = statusUrl(claim);
    ExportManifest manifest = manifest(claim, asked, body);
    return ManifestPages.first(
        manifest,
        asked,
        next(claim, asked, manifest),
        Expires.parse(expires, date, clock).orElse(null));
  }

  /** Whether the next page of a manifest is to be asked for now. */
  public boolean hasNextPage(ManifestPages pages) {
    return pages.isOpen();
  }

  /** Whether all pages of a manifest were read. */
  public boolean isWhole(ManifestPages pages) {
    return pages.isWhole();
  }

  /**
   * The request for the next page of a manifest. The token goes no further than the job's status:
   * hosts that are trusted with files, and signed URLs, do not get it.
   */
  public PayerRequest nextPage(ExportJobClaim claim, ManifestPages pages) {
    Payer payer = payer(claim);
    boolean token = PayerUrls.sendsTokenOn(payer, statusUrl(claim), pages.next());
    return PayerRequest.get(payer, pages.next(), token, HEADERS, ANSWERED);
  }

  /**
   * What was read with the next page, if it is ready; its answer is judged as that to a status
   * request.
   *
   * @throws TransferException as {@link #status} and {@link #pages}, {@link
   *     FailureReason#BAD_ANSWER} if the page is gone, {@link FailureReason#TOO_LARGE} if there are
   *     too many files
   */
  public ManifestPages page(
      ExportJobClaim claim,
      ManifestPages pages,
      int httpStatus,
      String exportStatus,
      String retryAfter,
      StatusAnswer body) {
    return switch (status(claim, httpStatus, exportStatus, retryAfter, body)) {
      case SUCCESSFUL -> {
        ExportManifest page = manifest(claim, pages.next(), body);
        yield pages.and(page, next(claim, pages.next(), page), maxFiles);
      }
      case GONE ->
          throw new TransferException(
              FailureReason.BAD_ANSWER,
              "a page of the manifest is not there (%s)".formatted(httpStatus));
      case OVERDUE ->
          pages.withoutNext(
              "further pages of the manifest were not ready within p2p.poll.deadline");
      default -> pages.later();
    };
  }

  private ExportManifest manifest(ExportJobClaim claim, URI page, StatusAnswer body) {
    Payer payer = payer(claim);
    return ExportManifest.of(body, report(claim, body))
        .with(url -> AnswerUrl.resolve(payer, page, url).toString());
  }

  private URI next(ExportJobClaim claim, URI page, ExportManifest manifest) {
    return manifest.next() == null ? null : AnswerUrl.resolve(payer(claim), page, manifest.next());
  }

  /** The entries of a manifest, to be checked one by one. */
  public List<ManifestFile> files(ExportManifest manifest) {
    return manifest.files();
  }

  /**
   * Checks one entry of a manifest before anything is asked for it.
   *
   * @throws TransferException {@link FailureReason#PAYER_REFUSED} if its type is not a plain
   *     resource type name
   */
  public NewFile newFile(ManifestFile file) {
    if (file.type() == null || !RESOURCE_TYPE.matcher(file.type()).matches()) {
      throw new TransferException(
          FailureReason.PAYER_REFUSED,
          "the manifest names a file type that is not a plain resource type name");
    }
    return new NewFile(
        file.kind(), file.type(), file.url(), file.requiresAccessToken(), file.count());
  }

  /** What the ledger keeps of a manifest beside its files. */
  public ManifestFacts facts(ExportJobClaim claim, ManifestPages pages) {
    ExportManifest manifest = pages.manifest();
    List<String> remarks = new ArrayList<>();
    List<String> warnings = new ArrayList<>(manifest.warnings());
    if (manifest.warnings().isEmpty() && manifest.files().isEmpty()) {
      remarks.add("the export holds no file");
    }
    if (scopes.isIncremental(claim.payer())
        && TransactionTime.earliest(manifest.transactionTime()).isEmpty()) {
      remarks.add(
          "the payer's transactionTime is missing or cannot be read: the next export will be whole");
    }
    return new ManifestFacts(
        manifest.transactionTime(),
        manifest.resourceCount(),
        warnings,
        remarks,
        pages.filesUntil());
  }

  private static TransferException outcome(
      FailureReason reason, ExportJobClaim claim, int httpStatus, StatusAnswer body) {
    return new TransferException(
        reason,
        "payer %s answered %s with an OperationOutcome%s"
            .formatted(claim.payer(), httpStatus, OutcomeCodes.of(body.said()).text()));
  }

  /** What a payer has to offer at the deadline is taken rather than deleted unread. */
  private JobStatus running(ExportJobClaim claim, StatusAnswer body) {
    if (!schedule.isOver(claim.startedAt())) {
      return JobStatus.RUNNING;
    }
    return JobStatus.namesFiles(body) ? JobStatus.SUCCESSFUL : JobStatus.OVERDUE;
  }

  /**
   * What a payer says again and again without a sign of work, or at the deadline, is its last word.
   */
  private JobStatus unknown(ExportJobClaim claim, StatusAnswer body, JobReport report) {
    boolean files = JobStatus.namesFiles(body);
    if (files
        && (claim.refusedPolls() + 1 >= Retryability.MOST_REFUSED_POLLS
            || schedule.isOver(claim.startedAt()))) {
      return JobStatus.SUCCESSFUL;
    }
    String word = report.status();
    throw new TransferException(
        FailureReason.BAD_ANSWER,
        "the payer calls the job's state by a word that is not known%s, and names %s"
            .formatted(
                WORD.matcher(word).matches() ? " (" + word + ")" : "",
                files ? "files" : "no file"));
  }

  private static boolean isAtWork(JobReport report) {
    return report.batches().filter(BatchCounts::isOpen).isPresent();
  }

  private JobReport report(ExportJobClaim claim, StatusAnswer body) {
    return payer(claim).dialect().report(body.said());
  }

  private static Set<Integer> successOr(Integer... others) {
    return Stream.concat(IntStream.range(200, 300).boxed(), Stream.of(others))
        .collect(Collectors.toUnmodifiableSet());
  }

  private Payer payer(ExportJobClaim claim) {
    return payers.get(claim.payer());
  }

  /** Checked again: hosts may have left the configuration since the kick-off. */
  private URI statusUrl(ExportJobClaim claim) {
    return PayerUrls.resolve(payer(claim), claim.statusUrl());
  }

  private static Optional<String> share(String xProgress) {
    return Optional.ofNullable(xProgress)
        .map(SHARE::matcher)
        .filter(Matcher::find)
        .map(Matcher::group);
  }
}
