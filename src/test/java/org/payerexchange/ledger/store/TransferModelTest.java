package org.payerexchange.ledger.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.payerexchange.ledger.DeliveryState;
import org.payerexchange.ledger.Failure;
import org.payerexchange.ledger.FetchedFile;
import org.payerexchange.ledger.FileKind;
import org.payerexchange.ledger.FileState;
import org.payerexchange.ledger.JobEnd;
import org.payerexchange.ledger.JobKind;
import org.payerexchange.ledger.JobState;
import org.payerexchange.ledger.KnownFiles;
import org.payerexchange.ledger.LinkLoss;
import org.payerexchange.ledger.LostUrl;
import org.payerexchange.ledger.ManifestPlan;
import org.payerexchange.ledger.MissingFile;
import org.payerexchange.ledger.NewFile;
import org.payerexchange.ledger.RetryPlan;
import org.payerexchange.ledger.StorePlan;
import org.payerexchange.ledger.StoredBefore;
import org.payerexchange.ledger.TransferEnd;
import org.payerexchange.ledger.TransferState;
import org.payerexchange.step.FailureReason;

/**
 * What decides about transfers, without a database: whatever happens to one, in whatever order, its
 * counters are right, something is to be done for it until it ends, its end is the only one that
 * its parts allow, and its sinks have all that is stored.
 */
class TransferModelTest {
  private static final int TRANSFERS = 3_000;
  private static final int EVENTS = 120;
  private static final List<FailureReason> WHY =
      List.of(
          FailureReason.JOB_FAILED,
          FailureReason.BAD_ANSWER,
          FailureReason.PAYER_REFUSED,
          FailureReason.FILE_INVALID);

  private final Set<TransferState> met = EnumSet.noneOf(TransferState.class);
  private Random random;
  private List<String> log;

  // the transfer
  private TransferState state;
  private boolean sealed;
  private Failure failure;
  private boolean outcomeGivenUp;
  private int openJobs;
  private int openDeliveries;
  private int numbers;
  private List<Job> jobs;
  private List<Delivery> deliveries;

  private static final class Job {
    long id;
    JobState state = JobState.REQUESTED;
    boolean known;
    boolean released;
    Failure failure;
    int openFiles;
    int exports;
    int restarts;
    Long announced;
    List<String> warnings = List.of();
    List<File> files = new ArrayList<>();

    LockedJob locked() {
      return new LockedJob(
          id,
          JobKind.EXPORT,
          false,
          state,
          false,
          openFiles,
          0,
          exports,
          restarts,
          known,
          announced,
          warnings,
          null);
    }
  }

  private static final class File {
    long id;
    Job job;
    FileKind kind;
    String type;
    int place;
    int number;
    int export;
    FileState state = FileState.PENDING;
    String url;
    Failure failure;
    int lost;
    int missed;
    String content;
    int contents;
    Long turn;
    Long wholeTurn;
    Long resources;

    KnownFiles.Known known() {
      return new KnownFiles.Known(
          id, new KnownFiles.Type(kind, type), place, number, export, state, url, 0);
    }

    Long turn(Delivery delivery) {
      return delivery.whole ? wholeTurn : turn;
    }

    boolean isOrComes() {
      return state == FileState.STORED || (state == FileState.PENDING && !job.state.terminal());
    }
  }

  private static final class Delivery {
    long id;
    String sink;
    boolean whole;
    DeliveryState state = DeliveryState.PENDING;
    Failure failure;
    long place;
    final Map<Integer, String> taken = new HashMap<>();
  }

  @Test
  void whateverHappensATransferEndsInTheOnlyWayThatItsPartsAllow() {
    for (long seed = 1; seed <= TRANSFERS; seed++) {
      random = new Random(seed);
      begin();
      for (int event = 0; event < EVENTS; event++) {
        List<Event> possible = possible();
        if (possible.isEmpty() || random.nextInt(20) == 0) {
          operate();
        } else {
          happens(possible.get(random.nextInt(possible.size())), random.nextInt(3) > 0);
        }
        assertRules();
      }
      finish();
      assertARetryHelps();
    }
    assertThat(met)
        .as("all but what never was a transfer")
        .isEqualTo(EnumSet.complementOf(EnumSet.of(TransferState.REJECTED)));
  }

  private void begin() {
    log = new ArrayList<>();
    state = TransferState.RECEIVED;
    sealed = false;
    failure = null;
    outcomeGivenUp = false;
    openJobs = 0;
    openDeliveries = 0;
    numbers = 0;
    jobs = new ArrayList<>();
    deliveries = new ArrayList<>();
  }

  /** What is to be done next, for one of its parts. */
  private record Event(String what, Object about) {}

  private List<Event> possible() {
    List<Event> events = new ArrayList<>();
    if (state == TransferState.RECEIVED) {
      events.add(new Event("match", this));
    }
    if (state == TransferState.MATCHED && sealed) {
      events.add(new Event("outcome", this));
    }
    if (state != TransferState.MATCHED) {
      return events;
    }
    for (Job job : jobs) {
      if (job.state == JobState.REQUESTED) {
        events.add(new Event("kick off", job));
      } else if (job.state == JobState.RUNNING) {
        events.add(new Event("poll", job));
      }
      // downloads that had begun go on while the manifest is fetched again
      job.files.stream()
          .filter(file -> file.state == FileState.PENDING && !job.state.terminal())
          .forEach(file -> events.add(new Event("download", file)));
    }
    deliveries.stream()
        .filter(delivery -> delivery.state == DeliveryState.PENDING)
        .filter(delivery -> !waits(delivery))
        .forEach(delivery -> events.add(new Event("deliver", delivery)));
    return events;
  }

  private boolean waits(Delivery delivery) {
    Optional<File> next = next(delivery);
    return (delivery.whole && filesToCome())
        || next.map(file -> file.state == FileState.PENDING).orElse(filesToCome());
  }

  private Optional<File> next(Delivery delivery) {
    return jobs.stream()
        .flatMap(job -> job.files.stream())
        .filter(file -> file.turn(delivery) != null && file.turn(delivery) >= delivery.place)
        .filter(File::isOrComes)
        .min(Comparator.comparing(file -> file.turn(delivery)));
  }

  private boolean filesToCome() {
    return jobs.stream()
        .anyMatch(
            job ->
                job.state == JobState.REQUESTED
                    || job.state == JobState.RUNNING
                    || (job.state == JobState.READY && job.openFiles > 0));
  }

  private void happens(Event event, boolean well) {
    log.add(event.what() + (well ? "" : " otherwise"));
    if (event.about() instanceof Job job) {
      if (event.what().equals("kick off")) {
        kickOff(job, well);
      } else {
        poll(job, well);
      }
    } else if (event.about() instanceof File file) {
      download(file, well);
    } else if (event.about() instanceof Delivery delivery) {
      deliver(delivery, well);
    } else if (event.what().equals("match")) {
      match(well);
    } else {
      outcome(well);
    }
  }

  private void match(boolean well) {
    if (!well) {
      state = state.to(random.nextBoolean() ? TransferState.NO_MATCH : TransferState.FAILED);
      failure = new Failure(FailureReason.NO_MATCH, "a test");
      return;
    }
    state = state.to(TransferState.MATCHED);
    int groups = 1 + random.nextInt(3);
    for (int i = 0; i < groups; i++) {
      Job job = new Job();
      job.id = i + 1L;
      jobs.add(job);
    }
    openJobs += groups;
  }

  private void kickOff(Job job, boolean well) {
    if (!well) {
      jobFailed(job, JobState.FAILED, why());
      return;
    }
    job.state = job.state.to(JobState.RUNNING);
    job.exports++;
    job.known = true;
    job.released = false;
  }

  private void poll(Job job, boolean well) {
    if (well) {
      manifest(job);
    } else if (random.nextBoolean()) {
      jobFailed(job, JobState.EXPIRED, FailureReason.JOB_EXPIRED);
    } else if (random.nextBoolean() || job.restarts >= ExportJobLedger.MAX_RESTARTS) {
      jobFailed(job, JobState.FAILED, why());
    } else {
      job.state = job.state.to(JobState.REQUESTED);
      job.restarts++;
      job.known = false;
    }
  }

  private void manifest(Job job) {
    List<NewFile> named = new ArrayList<>();
    int count = random.nextInt(4);
    for (int i = 0; i < count; i++) {
      FileKind kind = random.nextInt(6) == 0 ? FileKind.ERROR : FileKind.OUTPUT;
      named.add(
          new NewFile(
              kind,
              random.nextInt(3) == 0 ? "Coverage" : "Patient",
              "http://localhost/%d/%d/%d".formatted(job.id, random.nextInt(2), i),
              true,
              null));
    }
    ManifestPlan plan =
        ManifestPlan.of(
            job.files.stream()
                .sorted(Comparator.comparing(file -> file.place))
                .map(File::known)
                .toList(),
            named,
            job.exports,
            numbers);
    for (ManifestPlan.Added added : plan.added()) {
      File file = new File();
      file.id = added.number();
      file.job = job;
      file.kind = added.file().kind();
      file.type = added.file().resourceType();
      file.place = added.place();
      file.number = added.number();
      file.turn = (long) added.number();
      file.export = job.exports;
      file.url = added.file().url();
      job.files.add(file);
    }
    numbers += plan.added().size();
    plan.renewed().forEach(each -> named(job, each));
    for (ManifestPlan.Named each : plan.replaced()) {
      File file = named(job, each);
      file.turn = file.state == FileState.FAILED ? null : file.turn;
      file.state = FileState.PENDING;
      file.lost = 0;
      file.missed = 0;
      file.failure = null;
    }
    plan.gone().forEach(each -> job.files.remove(file(job, each)));
    for (KnownFiles.Known each : plan.unnamed()) {
      File file = file(job, each);
      file.state = file.state.to(FileState.FAILED);
      file.failure = new Failure(FailureReason.FILE_GONE, "not named");
    }
    job.state = job.state.to(JobState.READY);
    job.openFiles = plan.open();
    job.announced = random.nextInt(3) == 0 ? Long.valueOf(random.nextInt(3)) : null;
    job.warnings = List.of();
    filesChanged(job, 0);
  }

  private static File named(Job job, ManifestPlan.Named named) {
    File file = file(job, named.known());
    file.url = named.file().url();
    file.export = job.exports;
    return file;
  }

  private static File file(Job job, KnownFiles.Known known) {
    return job.files.stream().filter(file -> file.id == known.id()).findFirst().orElseThrow();
  }

  private void download(File file, boolean well) {
    if (well) {
      store(file);
    } else if (random.nextInt(3) == 0) {
      fail(file, why());
    } else {
      loseUrl(file);
    }
  }

  private void loseUrl(File file) {
    // once its manifest was asked for, a link is tried though its time is over
    List<LinkLoss> possible =
        file.lost == 0 ? List.of(LinkLoss.values()) : List.of(LinkLoss.MORE_CAME, LinkLoss.IN_VAIN);
    LinkLoss loss = possible.get(random.nextInt(possible.size()));
    LostUrl lost = file.job.locked().lostUrl(true, loss.before(file.lost));
    if (lost == LostUrl.GIVE_UP) {
      fail(file, FailureReason.FILE_GONE);
      return;
    }
    file.lost = lost.counted(loss, file.lost);
    if (lost == LostUrl.FETCH_MANIFEST) {
      file.job.state = file.job.state.to(JobState.RUNNING);
    } else if (lost == LostUrl.KICK_OFF) {
      file.job.state = file.job.state.to(JobState.REQUESTED);
      file.job.restarts++;
    }
  }

  private void fail(File file, FailureReason reason) {
    file.state = file.state.to(FileState.FAILED);
    file.failure = new Failure(reason, "a test");
    filesChanged(file.job, -1);
  }

  private void store(File file) {
    String content = "content-" + random.nextInt(2);
    StorePlan plan =
        StorePlan.of(
            new StoredBefore(file.content, file.contents, file.turn, 0),
            true,
            file.number,
            turn ->
                jobs.stream()
                    .flatMap(job -> job.files.stream())
                    .allMatch(other -> other.turn == null || other.turn <= turn),
            new FetchedFile(1, 10, content, null, List.of()),
            List.of("a", "b"),
            List.of("whole"),
            file.kind == FileKind.ERROR ? null : Long.valueOf(file.number),
            deliveries.stream()
                .map(
                    each ->
                        new StorePlan.Delivery(
                            each.id, each.sink, each.state, each.whole, each.place, 0))
                .toList());
    file.state = file.state.to(FileState.STORED);
    file.content = content;
    file.contents = plan.content();
    file.turn = plan.turn();
    file.wholeTurn = file.kind == FileKind.ERROR ? null : Long.valueOf(file.number);
    file.resources = 1L;
    for (StorePlan.Sink sink : plan.added()) {
      Delivery delivery = new Delivery();
      delivery.id = deliveries.size() + 1L;
      delivery.sink = sink.name();
      delivery.whole = sink.whole();
      deliveries.add(delivery);
    }
    for (StorePlan.Delivery again : plan.reopened()) {
      Delivery delivery =
          deliveries.stream().filter(each -> each.id == again.id()).findFirst().orElseThrow();
      delivery.state = again.state();
      delivery.place = again.place();
    }
    openDeliveries += plan.newlyOpen();
    filesChanged(file.job, -1);
  }

  private void deliver(Delivery delivery, boolean well) {
    Optional<File> next = next(delivery);
    if (!well && random.nextInt(3) > 0) {
      delivery.state = delivery.state.to(DeliveryState.FAILED);
      delivery.failure = new Failure(FailureReason.SINK_REFUSED, "a test");
      deliveryEnded();
    } else if (!well && next.isPresent()) {
      missing(List.of(next.get()));
    } else if (next.isPresent()) {
      delivery.taken.put(next.get().number, next.get().content);
      delivery.place = next.get().turn(delivery) + 1;
    } else {
      delivery.state = delivery.state.to(DeliveryState.DONE);
      deliveryEnded();
    }
  }

  private void deliveryEnded() {
    openDeliveries--;
    if (openDeliveries == 0) {
      List.copyOf(jobs).stream()
          .filter(job -> job.state == JobState.READY && job.openFiles == 0)
          .forEach(job -> filesChanged(job, 0));
    }
  }

  private void outcome(boolean well) {
    List<File> stored =
        jobs.stream()
            .flatMap(job -> job.files.stream())
            .filter(file -> file.state == FileState.STORED)
            .toList();
    if (well) {
      state = state.to(TransferState.COMPLETE);
    } else if (stored.isEmpty() || random.nextInt(4) == 0) {
      end(TransferState.FAILED, new Failure(FailureReason.RETRY_DEADLINE, "a test"));
      outcomeGivenUp = true;
    } else {
      sealed = false;
      missing(List.of(stored.get(random.nextInt(stored.size()))));
    }
  }

  private void missing(List<File> files) {
    for (File file : files) {
      MissingFile missing = new MissingFile(file.id, "", false, file.job.state, file.missed);
      file.state = missing.next();
      file.failure = missing.failure().orElse(null);
      file.missed++;
      if (file.job.state == JobState.COMPLETE) {
        file.job.state = file.job.state.to(JobState.READY);
        openJobs++;
      }
      filesChanged(file.job, file.state == FileState.PENDING ? 1 : 0);
    }
  }

  private void operate() {
    if (state == TransferState.FAILED || state == TransferState.NO_MATCH) {
      if (random.nextInt(10) == 0) {
        retry();
      }
    } else if (!state.terminal() && random.nextInt(8) == 0) {
      cancel();
    }
  }

  private void cancel() {
    CancelPlan plan = CancelPlan.of(state, jobs.stream().map(Job::locked).toList()).orElseThrow();
    log.add("cancel");
    for (Job job : jobs) {
      if (plan.jobs().stream().anyMatch(ended -> ended.id() == job.id)) {
        job.state = job.state.to(JobState.CANCELLED);
        job.failure = CancelPlan.WHY;
        failOpen(job, CancelPlan.WHY);
      }
    }
    openJobs -= plan.jobs().size();
    endDeliveries(CancelPlan.WHY);
    end(TransferState.CANCELLED, CancelPlan.WHY);
  }

  private void retry() {
    boolean deliveriesFailed =
        deliveries.stream().anyMatch(delivery -> delivery.state == DeliveryState.FAILED);
    RetryPlan plan =
        RetryPlan.of(
                state,
                true,
                jobs.stream().map(TransferModelTest::failed).toList(),
                deliveriesFailed)
            .orElseThrow();
    log.add("retry " + plan);
    state = plan.state();
    failure = null;
    sealed = plan.seals();
    outcomeGivenUp = false;
    for (Delivery delivery : deliveries) {
      if (delivery.state == DeliveryState.FAILED) {
        delivery.state = delivery.state.to(DeliveryState.PENDING);
        openDeliveries++;
      }
    }
    openJobs += plan.jobs().size();
    for (RetryPlan.Again again : plan.jobs()) {
      Job job = jobs.stream().filter(each -> each.id == again.id()).findFirst().orElseThrow();
      job.state = again.state();
      job.openFiles = again.openFiles();
      job.failure = null;
      job.restarts = 0;
      if (again.files()) {
        job.files.stream().filter(file -> file.state == FileState.FAILED).forEach(this::again);
      }
    }
  }

  private void again(File file) {
    file.state = file.state.to(FileState.PENDING);
    file.failure = null;
    file.turn = null;
    file.lost = 0;
    file.missed = 0;
  }

  private static RetryPlan.Job failed(Job job) {
    return new RetryPlan.Job(
        job.id,
        JobKind.EXPORT,
        job.state,
        job.known,
        job.failure == null ? null : job.failure.reason(),
        job.released,
        job.files.size(),
        job.openFiles,
        count(job, FileState.FAILED),
        0,
        Math.toIntExact(
            job.files.stream()
                .filter(file -> file.state == FileState.FAILED && file.kind == FileKind.ERROR)
                .count()));
  }

  private void jobFailed(Job job, JobState end, FailureReason reason) {
    job.state = job.state.to(end);
    job.failure = new Failure(reason, "a test");
    job.released = random.nextBoolean();
    failOpen(job, job.failure);
    jobEnded();
  }

  private static void failOpen(Job job, Failure why) {
    for (File file : job.files) {
      if (file.state == FileState.PENDING) {
        file.state = FileState.FAILED;
        file.failure = why;
      }
    }
    job.openFiles = 0;
  }

  private void filesChanged(Job job, int more) {
    job.openFiles += more;
    if (!JobEnd.isNear(job.state, job.openFiles, openDeliveries)) {
      return;
    }
    long arrived =
        job.files.stream()
            .filter(file -> file.kind == FileKind.OUTPUT && file.export == job.exports)
            .filter(file -> file.state == FileState.STORED)
            .mapToLong(file -> file.resources)
            .sum();
    JobEnd end =
        JobEnd.of(
            job.announced,
            job.warnings,
            new JobEnd.Files(
                count(job, FileState.PENDING),
                count(job, FileState.STORED),
                arrived,
                0,
                arrived,
                job.files.stream()
                    .filter(file -> file.state == FileState.FAILED && file.kind != FileKind.ERROR)
                    .map(file -> file.failure)
                    .findFirst()),
            deliveries.stream()
                .filter(delivery -> delivery.state == DeliveryState.FAILED)
                .map(delivery -> delivery.failure)
                .findFirst());
    job.state = end.state();
    job.failure = end.failure().orElse(null);
    job.warnings = end.warnings();
    jobEnded();
  }

  private void jobEnded() {
    openJobs--;
    if (openJobs == 0) {
      TransferEnd end =
          TransferEnd.of(
                  jobs.stream().map(job -> new TransferEnd.Job(job.state, job.failure)).toList())
              .orElseThrow();
      if (end.failure().isPresent()) {
        endDeliveries(end.failure().get());
        end(TransferState.FAILED, end.failure().get());
      } else {
        sealed = true;
      }
    }
  }

  private void endDeliveries(Failure why) {
    for (Delivery delivery : deliveries) {
      if (delivery.state == DeliveryState.PENDING) {
        delivery.state = DeliveryState.FAILED;
        delivery.failure = why;
      }
    }
    openDeliveries = 0;
  }

  private void end(TransferState end, Failure why) {
    state = state.to(end);
    failure = why;
    sealed = false;
  }

  private FailureReason why() {
    return WHY.get(random.nextInt(WHY.size()));
  }

  private static int count(Job job, FileState of) {
    return Math.toIntExact(job.files.stream().filter(file -> file.state == of).count());
  }

  /** From now on all goes well. */
  private void finish() {
    for (int event = 0; event < 1000 && !state.terminal(); event++) {
      List<Event> possible = possible();
      happens(possible.get(random.nextInt(possible.size())), true);
      assertRules();
    }
    assertThat(state.terminal()).as(this::history).isTrue();
  }

  /** Manifests are random here: one that does not name a file fails it. */
  private void assertARetryHelps() {
    for (int times = 0;
        times < 100 && state != TransferState.COMPLETE && state != TransferState.CANCELLED;
        times++) {
      retry();
      finish();
    }
    assertThat(state).as(this::history).isIn(TransferState.COMPLETE, TransferState.CANCELLED);
  }

  private String history() {
    return " after " + log;
  }

  private void assertRules() {
    met.add(state);
    assertThat(openJobs)
        .as(() -> "open jobs" + history())
        .isEqualTo((int) jobs.stream().filter(job -> !job.state.terminal()).count());
    assertThat(openDeliveries)
        .as(() -> "open deliveries" + history())
        .isEqualTo(
            (int) deliveries.stream().filter(each -> each.state == DeliveryState.PENDING).count());
    for (Job job : jobs) {
      assertThat(job.openFiles)
          .as(() -> "open files" + history())
          .isEqualTo(count(job, FileState.PENDING));
    }
    if (!state.terminal()) {
      assertThat(possible()).as(() -> "something is to be done" + history()).isNotEmpty();
    }
    if (state == TransferState.COMPLETE || sealed) {
      assertThat(jobs).as(this::history).allMatch(job -> job.state == JobState.COMPLETE);
      assertThat(deliveries).as(this::history).allMatch(each -> each.state == DeliveryState.DONE);
      deliveries.forEach(this::assertHasAll);
    }
    if (state == TransferState.FAILED && !jobs.isEmpty() && !outcomeGivenUp) {
      assertThat(failure)
          .as(this::history)
          .isEqualTo(
              jobs.stream()
                  .filter(job -> job.state != JobState.COMPLETE)
                  .map(job -> job.failure)
                  .findFirst()
                  .orElseThrow());
    }
  }

  private void assertHasAll(Delivery delivery) {
    for (Job job : jobs) {
      for (File file : job.files) {
        assertThat(file.state == FileState.STORED || file.kind == FileKind.ERROR)
            .as(this::history)
            .isTrue();
        if (file.state == FileState.STORED && file.turn(delivery) != null) {
          assertThat(delivery.taken).as(this::history).containsEntry(file.number, file.content);
        }
      }
    }
  }
}
