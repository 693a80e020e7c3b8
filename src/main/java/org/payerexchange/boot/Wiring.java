package org.payerexchange.boot;

import ca.uhn.fhir.context.FhirContext;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import java.net.URI;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.function.BiPredicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.camel.CamelContext;
import org.apache.camel.ServiceStatus;
import org.apache.camel.builder.ThreadPoolProfileBuilder;
import org.apache.http.impl.client.CloseableHttpClient;
import org.payerexchange.auth.PublicKeys;
import org.payerexchange.auth.TokenClient;
import org.payerexchange.auth.Tokens;
import org.payerexchange.delivery.AttachmentSearch;
import org.payerexchange.delivery.Deliveries;
import org.payerexchange.delivery.DeliveryMessages;
import org.payerexchange.delivery.Outcomes;
import org.payerexchange.delivery.Sink;
import org.payerexchange.delivery.SinkAnswer;
import org.payerexchange.delivery.Sinks;
import org.payerexchange.delivery.fhir.BundleLimits;
import org.payerexchange.delivery.fhir.FhirClient;
import org.payerexchange.delivery.fhir.FhirDelivery;
import org.payerexchange.delivery.fhir.FhirFinish;
import org.payerexchange.delivery.fhir.FhirFolders;
import org.payerexchange.delivery.fhir.FhirServer;
import org.payerexchange.delivery.fhir.FhirTypes;
import org.payerexchange.delivery.fhir.KeptLeftovers;
import org.payerexchange.delivery.fhir.ServerPace;
import org.payerexchange.download.ByteLimits;
import org.payerexchange.download.Downloads;
import org.payerexchange.download.MinimumSpeed;
import org.payerexchange.export.AnswerJson;
import org.payerexchange.export.ExportKickoff;
import org.payerexchange.export.ExportPoll;
import org.payerexchange.export.ExportScopes;
import org.payerexchange.export.PollSchedule;
import org.payerexchange.export.StatusAnswer;
import org.payerexchange.files.AtomicFiles;
import org.payerexchange.files.DiskReserve;
import org.payerexchange.files.FolderRetention;
import org.payerexchange.files.Outbox;
import org.payerexchange.files.SharedFolders;
import org.payerexchange.files.TransferFolders;
import org.payerexchange.http.AnswerRoom;
import org.payerexchange.http.FailureNames;
import org.payerexchange.http.JsonLimits;
import org.payerexchange.http.PayerCalls;
import org.payerexchange.http.PayerHttpClients;
import org.payerexchange.http.PeerConnection;
import org.payerexchange.http.RequestHeaders;
import org.payerexchange.http.RouteTokenEndpoint;
import org.payerexchange.http.SmartConfigurations;
import org.payerexchange.http.TlsStores;
import org.payerexchange.http.TokenHeader;
import org.payerexchange.http.TokenLooks;
import org.payerexchange.http.TokenRequests;
import org.payerexchange.intake.DoneFiles;
import org.payerexchange.intake.Inbox;
import org.payerexchange.intake.InboxFolders;
import org.payerexchange.intake.InboxLocks;
import org.payerexchange.intake.InboxReader;
import org.payerexchange.intake.InboxRetention;
import org.payerexchange.intake.IntakeRegistrar;
import org.payerexchange.intake.IntakeSources;
import org.payerexchange.intake.IntakeTotals;
import org.payerexchange.intake.IntakeValidator;
import org.payerexchange.intake.JmsConnections;
import org.payerexchange.intake.LedgerAway;
import org.payerexchange.intake.LedgerGate;
import org.payerexchange.intake.MemberKey;
import org.payerexchange.intake.MessageBodies;
import org.payerexchange.intake.MessagesInHand;
import org.payerexchange.intake.RecordReader;
import org.payerexchange.intake.RejectedFiles;
import org.payerexchange.intake.RejectedMessages;
import org.payerexchange.intake.Repeats;
import org.payerexchange.intake.RequestAnswers;
import org.payerexchange.intake.RequestBodies;
import org.payerexchange.ledger.PatientBound;
import org.payerexchange.ledger.store.BatchLedger;
import org.payerexchange.ledger.store.BatchQueries;
import org.payerexchange.ledger.store.BegunQueries;
import org.payerexchange.ledger.store.DeliveryLedger;
import org.payerexchange.ledger.store.EndedTransfers;
import org.payerexchange.ledger.store.ExportJobLedger;
import org.payerexchange.ledger.store.ForgetLedger;
import org.payerexchange.ledger.store.HoldWatch;
import org.payerexchange.ledger.store.Holds;
import org.payerexchange.ledger.store.ItemEnds;
import org.payerexchange.ledger.store.Leases;
import org.payerexchange.ledger.store.LedgerDatabase;
import org.payerexchange.ledger.store.LedgerIdentity;
import org.payerexchange.ledger.store.LedgerWatch;
import org.payerexchange.ledger.store.OperatorLedger;
import org.payerexchange.ledger.store.OutcomeLedger;
import org.payerexchange.ledger.store.OutputFileLedger;
import org.payerexchange.ledger.store.Pauses;
import org.payerexchange.ledger.store.PayerHolds;
import org.payerexchange.ledger.store.PeerQueries;
import org.payerexchange.ledger.store.RecurrenceLedger;
import org.payerexchange.ledger.store.Retention;
import org.payerexchange.ledger.store.RetrievalLedger;
import org.payerexchange.ledger.store.SinkHolds;
import org.payerexchange.ledger.store.SplitLedger;
import org.payerexchange.ledger.store.StepEnds;
import org.payerexchange.ledger.store.StepLedger;
import org.payerexchange.ledger.store.Throughput;
import org.payerexchange.ledger.store.TokenHolds;
import org.payerexchange.ledger.store.TransferLedger;
import org.payerexchange.ledger.store.TransferQueries;
import org.payerexchange.ledger.store.WithdrawalLedger;
import org.payerexchange.match.BatchMatch;
import org.payerexchange.match.MemberMatch;
import org.payerexchange.ops.Actions;
import org.payerexchange.ops.BuildMetrics;
import org.payerexchange.ops.CertificateMetrics;
import org.payerexchange.ops.DatabaseLook;
import org.payerexchange.ops.Forgetting;
import org.payerexchange.ops.HealthPart;
import org.payerexchange.ops.KeySet;
import org.payerexchange.ops.NodeMetrics;
import org.payerexchange.ops.Operations;
import org.payerexchange.ops.OpsAnswer;
import org.payerexchange.ops.Overview;
import org.payerexchange.ops.OwnCertificates;
import org.payerexchange.ops.PageFiles;
import org.payerexchange.ops.PayersInTrouble;
import org.payerexchange.ops.Peers;
import org.payerexchange.ops.ProcessMetrics;
import org.payerexchange.ops.Recurring;
import org.payerexchange.ops.Reporting;
import org.payerexchange.ops.TransferMetrics;
import org.payerexchange.ops.WithdrawalRequests;
import org.payerexchange.payer.DiscoveryPeer;
import org.payerexchange.payer.Payer;
import org.payerexchange.payer.Payers;
import org.payerexchange.retrieve.PageRetrieval;
import org.payerexchange.split.MemberFolders;
import org.payerexchange.split.SplitByMember;
import org.payerexchange.split.SplitByType;
import org.payerexchange.step.Capacity;
import org.payerexchange.step.FailedSteps;
import org.payerexchange.step.Hands;
import org.payerexchange.step.Renewals;
import org.payerexchange.step.Retryability;
import org.payerexchange.step.Stage;
import org.payerexchange.trace.Tracing;
import org.payerexchange.trace.TransferTraces;
import org.springframework.util.unit.DataSize;

/**
 * Makes the beans that the routes name and puts them into Camel's registry: all but those of {@code
 * routes/beans.camel.yaml}, which are there to be swapped.
 */
public final class Wiring {
  private static final int CALLS_AT_ONCE = 64;

  /** Some are left for manifests where none is sent any more. */
  private static final int OUTCOMES_AT_ONCE = Outcomes.SENT_AT_ONCE + 4;

  /** Each gathers lines in some dozens of megabytes before it writes them. */
  private static final int SPLITS_AT_ONCE = 1;

  /** Each waits for its payer most of the time, for as long as there are pages. */
  private static final int RETRIEVALS_AT_ONCE = 16;

  private final CamelContext context;
  private final Settings settings;
  private final PayerConfiguration payerConfiguration;
  private final Clock clock;
  private final Payers payers;
  private final MeterRegistry meters;

  private final Sinks sinks;
  private final LedgerWatch ledgerWatch;
  private final Tracing tracing;
  private final TransferTraces traces;
  private final Leases leases;
  private final Hands hands;
  private final TransferLedger transferLedger;
  private final ExportJobLedger exportJobLedger;
  private final BatchLedger batchLedger;
  private final PatientBound patientBound;
  private final OutputFileLedger outputFileLedger;
  private final SplitLedger splitLedger;
  private final RetrievalLedger retrievalLedger;
  private ExportScopes exportScopes;
  private final DeliveryLedger deliveryLedger;
  private final OutcomeLedger outcomeLedger;
  private final StepLedger stepLedger;
  private final PayerHolds payerHolds;
  private final SinkHolds sinkHolds;
  private final TokenHolds tokenHolds;
  private final Holds holds;
  private final TransferQueries transferQueries;
  private final BatchQueries batchQueries;
  private final OperatorLedger operatorLedger;
  private final WithdrawalLedger withdrawalLedger;
  private final Retention retention;
  private final InboxFolders inboxFolders;
  private final Inbox inbox;
  private final Map<String, PeerConnection> connections;
  private final FhirServer fhirServer;
  private final SmartConfigurations smartConfigurations;
  private final RouteTokenEndpoint tokenEndpoint;
  private final Tokens tokens;
  private final FhirContext fhirContext;
  private final SharedFolders sharedFolders;
  private final DiskReserve diskReserve;
  private final TransferFolders workFolder;
  private final Outbox outbox;
  private final AttachmentSearch attachments;

  /**
   * The bean {@code wiring}.
   *
   * @param context whose properties are read, and whose registry gets the beans
   * @param node this process's id
   * @param database the ledger's
   * @param broker where messages come from and go to
   * @param deliverPool the threads of deliveries
   * @throws Exception what a bean or a setting is refused for, naming its key
   */
  public Wiring(
      CamelContext context,
      Clock clock,
      String node,
      Payers payers,
      LedgerDatabase database,
      JmsConnections broker,
      ExecutorService deliverPool)
      throws Exception {
    this.context = context;
    this.settings = new Settings(context);
    this.payerConfiguration = new PayerConfiguration(settings);
    this.clock = clock;
    this.payers = payers;
    meters = meters(context);
    NodeMetrics nodeMetrics =
        new NodeMetrics(meters, payers.all().stream().map(Payer::id).toList());
    tracing = bind("tracing", TracingConfiguration.of(settings, node), null, "close");
    traces = bind("traces", tracing.transfers());
    bind("senderTraces", new SenderTraces());
    database.tell(nodeMetrics);
    database.tell(traces);
    database.tell(new EndedTransfers());
    sinks = bind("sinks", settings.sinks());
    ledgerWatch = new LedgerWatch(database, clock);
    leases =
        bind(
            "leases",
            new Leases(
                database,
                ledgerWatch,
                payers,
                node,
                new Leases.Limits(
                    settings.duration("p2p.lease"),
                    settings.duration("p2p.export.keep-failed-jobs"),
                    settings.duration("p2p.retry.deadline")),
                capacity()));
    bind("work", new Work(context, leases, traces));
    context.getCamelContextExtension().addInterceptStrategy(new StepInLog());
    hands = bind("hands", Leases.handsOf(leases));
    transferLedger =
        bind(
            "transferLedger",
            new TransferLedger(
                leases, settings.duration("p2p.intake.duplicate-window"), MemberKey::of, clock));
    patientBound = new PatientBound(settings.number(PatientBound.KEY));
    exportJobLedger = bind("exportJobLedger", new ExportJobLedger(leases, patientBound));
    batchLedger = bind("batchLedger", new BatchLedger(leases));
    outputFileLedger = bind("outputFileLedger", new OutputFileLedger(leases, patientBound));
    splitLedger = new SplitLedger(leases);
    retrievalLedger = bind("retrievalLedger", new RetrievalLedger(leases));
    deliveryLedger = new DeliveryLedger(leases);
    outcomeLedger = new OutcomeLedger(leases);
    stepLedger = bind("stepLedger", new StepLedger(leases, MemberKey::of));
    payerHolds = bind("payerHolds", new PayerHolds(database));
    sinkHolds = new SinkHolds(database);
    tokenHolds = bind("tokenHolds", LedgerConfiguration.tokenHolds(settings, database));
    holds = bind("holds", LedgerConfiguration.holds(settings, database, tokenHolds));
    bind("holdWatch", new HoldWatch(holds, clock));
    transferQueries = bind("transferQueries", new TransferQueries(database));
    batchQueries = new BatchQueries(database);
    bind("begunQueries", new BegunQueries(database));
    operatorLedger = bind("operatorLedger", new OperatorLedger(database));
    withdrawalLedger = new WithdrawalLedger(database, operatorLedger, clock);
    retention =
        bind(
            "retention",
            new Retention(
                database,
                node,
                settings.duration("p2p.retention.retryable"),
                settings.duration("p2p.retention.transfers"),
                settings.duration("p2p.intake.duplicate-window")));
    inboxFolders = new InboxFolders(settings.text("p2p.inbox.directory"));
    inbox =
        bind(
            "inbox",
            new Inbox(
                inboxFolders,
                settings.duration("p2p.inbox.quiet-time"),
                settings.duration("p2p.inbox.notice-after"),
                clock));
    TlsStores fhirServerTls = bind("fhirServerTls", FhirConfiguration.tls(context));
    connections = payerConfiguration.connections(fhirServerTls, clock);
    fhirServer = bind("fhirServer", FhirConfiguration.server(context));
    smartConfigurations =
        bind("smartConfigurations", new SmartConfigurations(this::discoveryPeer, clock));
    tokenEndpoint = new RouteTokenEndpoint(context, smartConfigurations, clock);
    tokens =
        bind(
            "tokens",
            new Tokens(
                tokenEndpoint,
                clock,
                settings.duration("p2p.token.refusal-memory"),
                client -> connection(client.keys()).certificate(),
                client -> tokenHolds.isHeld(client.kind(), client.name()),
                (client, none) -> {
                  tokenHolds.refuse(client.kind(), client.name(), none.reason(), none.getMessage());
                  nodeMetrics.noToken(client, none.reason());
                }));
    fhirContext = bind("fhirContext", FhirContext.forR4Cached());
    sharedFolders =
        new SharedFolders(
            new LedgerIdentity(database),
            settings.text("p2p.work.directory"),
            settings.text("p2p.outbox.directory"),
            clock);
    diskReserve =
        new DiskReserve(
            settings.text("p2p.disk.reserve"),
            settings.text("p2p.inbox.directory"),
            settings.text("p2p.work.directory"),
            settings.text("p2p.outbox.directory"),
            database,
            clock);
    AtomicFiles files = new AtomicFiles(settings.flag("p2p.outbox.fsync"));
    workFolder = new TransferFolders(settings.text("p2p.work.directory"), files);
    outbox = bind("outbox", new Outbox(settings.text("p2p.outbox.directory"), files));
    attachments = new AttachmentSearch(payers, settings.number("p2p.attachments.max-count"));
    intake(database);
    http();
    match();
    export();
    download();
    deliver(deliverPool, files);
    operate(database, broker);
    measure(database, deliverPool);
  }

  /** Where there is none, what is counted is kept nowhere. */
  private static MeterRegistry meters(CamelContext context) {
    MeterRegistry known = context.getRegistry().findSingleByType(MeterRegistry.class);
    return known == null ? new CompositeMeterRegistry() : known;
  }

  private Capacity capacity() {
    return new Capacity(
        this::does,
        Map.of(
            Stage.DOWNLOAD,
            settings.number("p2p.download.max-parallel"),
            Stage.OUTCOME,
            OUTCOMES_AT_ONCE,
            Stage.RETRIEVE,
            RETRIEVALS_AT_ONCE,
            Stage.SPLIT,
            SPLITS_AT_ONCE,
            Stage.SPLIT_TYPES,
            SPLITS_AT_ONCE),
        CALLS_AT_ONCE,
        settings.number("p2p.deliver.max-parallel"),
        sinks.all().stream().map(Sink::name).collect(Collectors.toSet()));
  }

  /** A stage whose route is not there, or was stopped, is left to other nodes. */
  private boolean does(Stage kind) {
    return Stream.of(kind.route(), "do-step", "start-steps").allMatch(this::isStarted)
        && context.isRunAllowed()
        && (!kind.usesFolders() || sharedFolders.areSeen())
        && (!kind.mayTakeHours() || diskReserve.isKept());
  }

  private boolean isStarted(String route) {
    ServiceStatus status = context.getRouteController().getRouteStatus(route);
    return status != null && status.isStarted();
  }

  private void intake(LedgerDatabase database) {
    bind("recordReader", new RecordReader(settings.bytesInMemory("p2p.intake.max-record-bytes")));
    bind(
        "intakeValidator",
        new IntakeValidator(
            payers,
            PayerConfiguration.defaultPayer(settings),
            payerConfiguration.identifierSystems(),
            clock));
    bind(
        "intakeRegistrar",
        new IntakeRegistrar(
            transferLedger,
            withdrawalLedger,
            traces,
            settings.number("p2p.intake.max-rejections")));
    bind("repeats", new Repeats(transferLedger, traces));
    bind("intakeTotals", new IntakeTotals());
    bind("requestBodies", new RequestBodies(settings.bytesInMemory("p2p.ops.max-body-bytes")));
    bind("requestAnswers", new RequestAnswers());
    bind("intakeSources", new IntakeSources());
    InboxLocks inboxLocks =
        bind(
            "inboxLocks",
            new InboxLocks(database, settings.duration("p2p.inbox.lock-timeout"), context),
            "start",
            "shutdown");
    DoneFiles doneFiles =
        bind(
            "doneFiles",
            new DoneFiles(inboxFolders, settings.duration("p2p.inbox.notice-after"), clock));
    bind(
        "inboxRetention",
        new InboxRetention(
            inboxFolders,
            settings.durationIfSet("p2p.retention.inbox-done"),
            settings.durationIfSet("p2p.retention.inbox-rejected"),
            clock));
    bind("inboxReader", new InboxReader(inbox, inboxLocks, doneFiles, hands));
    bind("rejectedFiles", new RejectedFiles(inboxFolders));
    bind("messageBodies", new MessageBodies(settings.bytesInMemory("p2p.jms.max-message-bytes")));
    ItemEnds messageEnds = new ItemEnds(database, "message");
    bind("messagesInHand", new MessagesInHand(messageEnds, hands));
    bind("rejectedMessages", new RejectedMessages());
    bind("ledgerAway", new LedgerAway());
  }

  private void http() {
    bind(
        "payerHttpClient",
        new PayerHttpClients(
            connections,
            settings.duration("p2p.http.connect-timeout"),
            settings.duration("p2p.http.response-timeout"),
            settings.duration("p2p.http.answer-timeout"),
            settings.number("p2p.http.max-connections"),
            meters,
            tracing.tracer()),
        null,
        "close");
    bind("requestHeaders", new RequestHeaders());
    bind("answers", JsonLimits.mapper());
    bind("views", JsonLimits.views());
    AnswerRoom answerRoom =
        new AnswerRoom(
            settings.find("p2p.http.max-memory").isPresent()
                ? settings.bytes("p2p.http.max-memory")
                : Runtime.getRuntime().maxMemory() / 4,
            settings.duration("p2p.http.answer-timeout"));
    bind(
        "payerCall",
        new PayerCalls(
            tokens,
            clock,
            settings.bytesInMemory("p2p.http.max-answer-bytes"),
            settings.duration("p2p.http.answer-timeout"),
            settings.duration("p2p.token.refusal-patience"),
            answerRoom,
            settings.number("p2p.download.max-unpack-ratio"),
            settings.duration("p2p.http.response-timeout")));
    bind("tokenHeader", new TokenHeader());
    bind("tokenRequests", new TokenRequests(smartConfigurations, clock));
    Retryability retryability =
        new Retryability(
            new FailureNames(clock)::name,
            clock,
            settings.duration("p2p.retry.min-delay"),
            settings.duration("p2p.retry.max-delay"),
            settings.duration("p2p.retry.deadline"));
    bind(
        "failedSteps",
        new FailedSteps(
            retryability,
            new StepEnds(stepLedger, payerHolds, sinkHolds, tokenHolds)::record,
            () -> !context.isRunAllowed() || context.isStopping()));
    bind("tokenLooks", new TokenLooks(tokenHolds, tokens, tokenEndpoint, tokenClients()));
  }

  private List<TokenClient> tokenClients() {
    return Stream.concat(
            payers.all().stream().map(Payer::client), fhirServer.credentials().stream())
        .toList();
  }

  private DiscoveryPeer discoveryPeer(TokenClient client) {
    return client.kind() == TokenClient.Kind.PAYER
        ? DiscoveryPeer.of(payers.get(client.name()))
        : DiscoveryPeer.of(client, URI.create(fhirServer.baseUrl()));
  }

  private void match() {
    bind(
        "memberMatch",
        new MemberMatch(
            payers, transferLedger, clock, settings.number("p2p.match.max-groups"), fhirContext));
  }

  private void export() {
    PollSchedule pollSchedule =
        new PollSchedule(
            clock,
            settings.duration("p2p.poll.min-delay"),
            settings.duration("p2p.poll.max-delay"),
            settings.duration("p2p.poll.deadline"));
    int maxFiles = settings.number("p2p.export.max-files");
    bind("statusAnswers", StatusAnswer.mapper(maxFiles));
    bind("answerJson", new AnswerJson());
    exportScopes =
        payerConfiguration.exportScopes(
            payers, exportJobLedger, settings.duration("p2p.export.overlap"));
    bind("exportKickoff", new ExportKickoff(payers, exportScopes, pollSchedule, clock));
    ExportPoll exportPoll =
        bind("exportPoll", new ExportPoll(payers, exportScopes, pollSchedule, maxFiles, clock));
    bind("batchMatch", new BatchMatch(payers, batchLedger, exportScopes, exportPoll, clock));
  }

  private void download() {
    Renewals renewals =
        bind(
            "leaseRenewals",
            new Renewals(stepLedger::renew, stepLedger::holds, settings.duration("p2p.lease")),
            null,
            "close");
    bind("renewals", new StepLeases(renewals));
    MinimumSpeed minimumSpeed =
        bind(
            "minimumSpeed",
            new MinimumSpeed(
                clock,
                settings.big("p2p.download.min-bytes-per-second"),
                settings.duration("p2p.download.slow-after")));
    ByteLimits byteLimits = payerConfiguration.byteLimits(outputFileLedger, clock);
    bind(
        "downloads",
        new Downloads(
            outbox,
            payers,
            outputFileLedger,
            minimumSpeed,
            byteLimits,
            settings.duration("p2p.download.deadline"),
            patientBound,
            DataSize.parse(settings.text("p2p.attachments.max-line-bytes")),
            clock));
    MemberFolders folders = new MemberFolders(outbox, attachments);
    bind(
        "pageRetrieval",
        new PageRetrieval(
            payers,
            outbox,
            folders,
            sinks,
            retrievalLedger,
            exportScopes,
            minimumSpeed,
            new PageRetrieval.Limits(
                settings.bytes("p2p.http.max-answer-bytes"),
                settings.bytes("p2p.retrieve.max-bytes"),
                settings.number("p2p.retrieve.max-resources")),
            byteLimits,
            clock));
    bind("splitByMember", new SplitByMember(payers, outbox, folders, sinks, splitLedger, clock));
    bind("splitByType", new SplitByType(outbox, folders, sinks, splitLedger, patientBound));
    bind(
        "folderRetention",
        new FolderRetention(
            workFolder,
            outbox,
            sharedFolders,
            retention,
            settings.durationIfSet("p2p.outbox.keep"),
            clock));
  }

  private void deliver(ExecutorService deliverPool, AtomicFiles files) {
    bind(
        "deliveries",
        new Deliveries(sinks, outbox, outputFileLedger, deliveryLedger, attachments, clock));
    bind(
        "deliveryMessages",
        new DeliveryMessages(
            sinks,
            outbox,
            deliveryLedger,
            settings.number("p2p.deliver.bundle-size"),
            settings.bytes("p2p.deliver.bundle-bytes")));
    bind("sinkAnswer", new SinkAnswer());
    ServerPace fhirPace =
        new ServerPace(settings.number("p2p.deliver.fhir.parallel-bundles"), clock);
    int fhirCalls =
        settings.number("p2p.deliver.max-parallel")
            * settings.number("p2p.deliver.fhir.parallel-bundles");
    // camel-fhir sends from threads of its own, which would be two
    context
        .getExecutorServiceManager()
        .registerThreadPoolProfile(
            new ThreadPoolProfileBuilder("CamelFhir").poolSize(fhirCalls).build());
    BundleLimits fhirBundles =
        BundleLimits.configured(
            settings.text("p2p.deliver.fhir.bundle-type"),
            settings.number("p2p.deliver.fhir.bundle-size"),
            settings.bytes("p2p.deliver.fhir.bundle-bytes"));
    CloseableHttpClient fhirHttpClient =
        bind(
            "fhirHttpClient",
            FhirClient.http(
                fhirServer,
                connection(FhirServer.KEYS).tls(),
                fhirCalls,
                fhirBundles,
                settings.bytesInMemory("p2p.http.max-answer-bytes")),
            null,
            "close");
    bind("fhirClient", FhirClient.create(fhirHttpClient, fhirServer, tokens, clock));
    FhirTypes fhirTypes =
        FhirTypes.configured(settings.find("p2p.deliver.fhir.more-types").orElse(""), fhirContext);
    FhirFolders fhirFolders = new FhirFolders(outbox, workFolder, files);
    KeptLeftovers fhirLeftovers = new KeptLeftovers(fhirFolders, deliveryLedger);
    bind(
        "fhirDelivery",
        new FhirDelivery(
            fhirServer,
            fhirPace,
            fhirBundles,
            fhirTypes,
            fhirFolders,
            fhirLeftovers,
            payers,
            outcomeLedger,
            transferLedger,
            deliveryLedger,
            deliverPool,
            clock));
    bind(
        "fhirFinish",
        new FhirFinish(fhirBundles, fhirFolders, fhirLeftovers, outcomeLedger, payers));
    bind(
        "outcomes",
        new Outcomes(outcomeLedger, outbox, workFolder, settings.find("p2p.jms.url").orElse("")));
  }

  private void operate(LedgerDatabase database, JmsConnections broker) throws Exception {
    LedgerGate gate = bind("ledgerGate", new LedgerGate(ledgerWatch, diskReserve));
    DatabaseLook databaseLook = new DatabaseLook(database, ledgerWatch);
    bind("frontDoor", OpsConfiguration.frontDoor(context))
        .refuseWhile(gate::isClosed, databaseLook::isAway);
    bind("opsAnswer", new OpsAnswer());
    PeerQueries peerQueries = new PeerQueries(database);
    bind("peers", new Peers(payers, sinks, peerQueries, holds));
    bind("overview", new Overview(transferQueries, peerQueries, new Throughput(database), clock));
    BiPredicate<TokenClient.Kind, String> known = LedgerConfiguration.peers(settings, database);
    bind("reporting", new Reporting(LedgerConfiguration.report(settings, database, clock), known));
    bind("pageFiles", new PageFiles());
    bind("actions", new Actions(operatorLedger, new Pauses(database), known));
    bind(
        "forgetting",
        new Forgetting(new ForgetLedger(database, clock), outbox, workFolder, sharedFolders));
    bind("recurring", new Recurring(new RecurrenceLedger(database, clock), known));
    bind("withdrawalRequests", new WithdrawalRequests(withdrawalLedger, known));
    bind("operations", new Operations(transferQueries, batchQueries, operatorLedger, holds, known));
    bind(
        "keySet",
        new KeySet(
            settings.flag("p2p.ops.publish-keys"),
            new PublicKeys(tokenClients(), clock)::usable,
            clock));
    bind("databaseHealth", HealthPart.ofReadiness("database", databaseLook::problems));
    bind(
        "clockHealth", HealthPart.ofReadiness("clock", () -> ledgerWatch.skew().stream().toList()));
    bind("diskHealth", HealthPart.ofReadiness("disk", diskReserve::problems));
    bind(
        "foldersHealth",
        HealthPart.ofReadiness(
            "folders",
            () -> databaseLook.answers() ? sharedFolders.problems() : sharedFolders.latest()));
    bind(
        "commitsHealth",
        HealthPart.ofLiveness(
            "commits",
            () ->
                ledgerWatch.isStuck()
                    ? List.of("nothing was committed to the ledger for a minute")
                    : List.of()));
    bind("brokerHealth", HealthPart.detail("broker", broker::words));
    bind("inboxHealth", HealthPart.detail("inbox", inbox::words));
    bind(
        "payersHealth",
        HealthPart.detail("payers", new PayersInTrouble(payerHolds, holds, databaseLook)::words));
    bind(
        "transferMetrics", new TransferMetrics(transferQueries, batchQueries, holds, databaseLook));
    OwnCertificates ownCertificates =
        bind(
            "ownCertificates",
            Certificates.of(
                tokenClients(), connections, OpsSettings.stores(settings).end(context), clock));
    bind("certificatesHealth", HealthPart.detail("certificates", ownCertificates::words));
    bind("certificateMetrics", new CertificateMetrics(ownCertificates));
  }

  private void measure(LedgerDatabase database, ExecutorService deliverPool) {
    database.measure(meters);
    ExecutorService workPool =
        context.getRegistry().lookupByNameAndType("workPool", ExecutorService.class);
    bind(
        "processMetrics",
        new ProcessMetrics(
            meters, Map.of("work", workPool, "deliver", deliverPool), diskReserve.folders()),
        null,
        "close");
    bind("buildMetrics", new BuildMetrics(context.getVersion()));
  }

  private PeerConnection connection(String keys) {
    return connections.getOrDefault(keys, PeerConnection.ORDINARY);
  }

  private <T> T bind(String name, T bean) {
    return bind(name, bean, null, null);
  }

  /** Where Camel reads the beans twice, those of the first time are closed. */
  private <T> T bind(String name, T bean, String initMethod, String destroyMethod) {
    context.getRegistry().unbind(name);
    context.getRegistry().bind(name, bean, initMethod, destroyMethod);
    return bean;
  }
}
