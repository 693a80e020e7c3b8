package org.payerexchange.retrieve;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.payerexchange.delivery.Sinks;
import org.payerexchange.dialect.PatientData;
import org.payerexchange.dialect.PatientData.Way;
import org.payerexchange.download.ByteLimits;
import org.payerexchange.download.MinimumSpeed;
import org.payerexchange.export.ExportScopes;
import org.payerexchange.files.Outbox;
import org.payerexchange.files.PrivateFiles;
import org.payerexchange.http.JsonLimits;
import org.payerexchange.http.PayerRequest;
import org.payerexchange.http.RequestKind;
import org.payerexchange.ledger.ExportJobClaim;
import org.payerexchange.ledger.SplitFile;
import org.payerexchange.ledger.store.RetrievalLedger;
import org.payerexchange.payer.Payer;
import org.payerexchange.payer.PayerUrls;
import org.payerexchange.payer.Payers;
import org.payerexchange.split.LinesByType;
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
  private static final int MOST_PAGES = 100_000;

  /** What need not be there is given up after so many tries. */
  private static final int MOST_TRIES = 5;

  /** With these a call ends as anywhere: a token, or patience, may help. */
  private static final Set<Integer> NOT_OURS = Set.of(401, 408, 425, 429);

  /** A payer that does not have what it is asked for never will. */
  private static final Set<Integer> USUAL =
      Stream.concat(answers(500).stream(), Stream.of(PageReader.NOT_IMPLEMENTED))
          .collect(Collectors.toUnmodifiableSet());

  /** What need not be had is not waited for without an end. */
  private static final Set<Integer> WHATEVER = answers(600);

  private final Payers payers;
  private final Outbox outbox;
  private final MemberFolders folders;
  private final Sinks sinks;
  private final RetrievalLedger ledger;
  private final ExportScopes scopes;
  private final PageReader reader;
  private final Limits limits;
  private final ByteLimits bytes;
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
   * @param folders where the files end
   * @param scopes which types payers are asked for
   * @param minimumSpeed how slowly a page may come
   * @param bytes how much may come for a transfer, and of a payer
   */
  public PageRetrieval(
      Payers payers,
      Outbox outbox,
      MemberFolders folders,
      Sinks sinks,
      RetrievalLedger ledger,
      ExportScopes scopes,
      MinimumSpeed minimumSpeed,
      Limits limits,
      ByteLimits bytes,
      Clock clock) {
    this.payers = payers;
    this.outbox = outbox;
    this.folders = folders;
    this.sinks = sinks;
    this.ledger = ledger;
    this.scopes = scopes;
    this.reader = new PageReader(minimumSpeed, limits.pageBytes());
    this.limits = limits;
    this.bytes = bytes;
    this.clock = clock;
  }

  private static Set<Integer> answers(int below) {
    return Stream.concat(PayerRequest.WHOLE.stream(), IntStream.range(400, below).boxed())
        .filter(status -> !NOT_OURS.contains(status))
        .collect(Collectors.toUnmodifiableSet());
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
        RequestKind.PAGE, payers.get(claim.payer()), data(claim).capabilities(), WHATEVER, false);
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
          .way(
              PayerRequest.WHOLE.contains(status)
                  ? JsonLimits.mapper().readTree(statement)
                  : MissingNode.getInstance());
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
      throw outbox.unusable(unusable);
    }
  }

  /** Whether anything is left to be read now. */
  public boolean goesOn(Retrieval retrieval) {
    return retrieval.goesOn()
        && !retrieval.isLeft()
        && retrieval.mayAsk(clock.instant(), ledger::bearsCalls);
  }

  /**
   * The request for the next page, or for the next resource by reference. Its answer is a live
   * stream.
   *
   * @throws TransferException {@link FailureReason#FOREIGN_HOST} if the payer's configuration no
   *     longer allows the page's URL
   */
  public PayerRequest request(ExportJobClaim claim, Retrieval retrieval) {
    Payer payer = payers.get(claim.payer());
    URI url = retrieval.url();
    return PayerRequest.live(
        RequestKind.PAGE,
        payer,
        url,
        PayerUrls.sendsTokenOn(payer, payer.baseUrl(), url),
        data(claim).headers(),
        retrieval.isOptional() && claim.lease().attempts() >= MOST_TRIES ? WHATEVER : USUAL);
  }

  /**
   * Keeps what a page holds, and commits how far the retrieval is.
   *
   * @param body a live stream, which is closed
   * @throws TransferException {@link FailureReason#BAD_ANSWER} if it is no page, {@link
   *     FailureReason#FOREIGN_HOST} if the next page is elsewhere, {@link
   *     FailureReason#PAYER_REFUSED} if the payer refuses what nothing is had without, or loses
   *     pages again and again, {@link FailureReason#TOO_LARGE}, {@link FailureReason#LEASE_LOST},
   *     {@link FailureReason#SINK_UNAVAILABLE}
   */
  public boolean page(
      ExportJobClaim claim, Retrieval retrieval, KeptLease lease, int status, InputStream body) {
    lease.check();
    Checkpoint before = retrieval.at();
    try (InputStream live = body) {
      bound(before);
      bytes.check(claim);
      if (mayDoOtherwise(claim, retrieval) && reader.isNotThere(status, live)) {
        return search(claim, retrieval, status);
      }
      retrieval.go(reader.take(retrieval, status, live));
    } catch (JsonProcessingException unreadable) {
      throw new TransferException(
          FailureReason.BAD_ANSWER, "a page is no JSON, or beyond our limits of it", unreadable);
    } catch (IOException unusable) {
      throw outbox.unusable(unusable);
    } catch (TransferException failed) {
      if (failed.reason() == FailureReason.PAYER_REFUSED) {
        ledger.reached(claim, before.forRetry().text(), before.bytes(), false);
      }
      throw failed;
    }
    return stillOurs(
        ledger.reached(
            claim, retrieval.at().text(), retrieval.at().bytes(), retrieval.at().isBeyond(before)));
  }

  private static boolean stillOurs(boolean committed) {
    if (!committed) {
      throw new TransferException(FailureReason.LEASE_LOST, "the retrieval is another node's");
    }
    return true;
  }

  /** Where nobody has said that it is to be {@code $everything}, and nothing came by it. */
  private boolean mayDoOtherwise(ExportJobClaim claim, Retrieval retrieval) {
    return retrieval.isAtStart()
        && retrieval.at().way() == Way.EVERYTHING
        && data(claim).way().isEmpty();
  }

  private boolean search(ExportJobClaim claim, Retrieval retrieval, int status) {
    retrieval.leave();
    return stillOurs(
        ledger.otherwise(
            claim,
            Checkpoint.start(Way.SEARCH, retrieval.at().types()).text(),
            "the payer answered %s to $everything: searches are made instead".formatted(status)));
  }

  private void bound(Checkpoint at) {
    if (at.pages() >= MOST_PAGES || at.bytes() > limits.bytes()) {
      throw new TransferException(
          FailureReason.TOO_LARGE,
          "the payer has more than %s pages, or %s bytes (p2p.retrieve.max-bytes), of the member"
              .formatted(MOST_PAGES, limits.bytes()));
    }
    if (at.leadsNowhere()) {
      throw new TransferException(
          FailureReason.PAYER_REFUSED,
          "the payer's pages lead on without an end, and bring nothing");
    }
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
            .resolveSibling("types-%s-%s".formatted(claim.id(), claim.leaseToken()));
    try {
      PrivateFiles.createFolders(folder);
      try {
        return end(claim, retrieval, lease, folder);
      } finally {
        PrivateFiles.deleteFolder(folder);
      }
    } catch (IOException unusable) {
      throw outbox.unusable(unusable);
    }
  }

  private boolean end(ExportJobClaim claim, Retrieval retrieval, KeptLease lease, Path folder)
      throws IOException {
    Path pages = retrieval.file().path();
    List<MemberFile> own = LinesByType.write(List.of(pages), false, folder, lease::check);
    List<SplitFile> files =
        folders.publish(claim.payer(), claim.transferId(), ledger.numbers(claim), own, lease);
    boolean done =
        ledger.retrieved(
            claim,
            retrieval.at().asOf(),
            files,
            warnings(retrieval.at(), own),
            sinks.names(false),
            sinks.names(true));
    if (done) {
      retrieval.file().delete();
    } else if (ledger.isOver(claim)) {
      folders.takeAway(claim.payer(), claim.transferId(), files);
    }
    return done;
  }

  private static List<String> warnings(Checkpoint at, List<MemberFile> files) {
    return Stream.concat(
            at.missing().inWords(),
            files.isEmpty() ? Stream.of("the payer has nothing of this member") : Stream.empty())
        .toList();
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
}
