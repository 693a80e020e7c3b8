package org.payerexchange.support;

import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.urlPathEqualTo;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.payerexchange.ledger.AskedFor;
import org.payerexchange.ledger.ExportJobClaim;
import org.payerexchange.ledger.FileKind;
import org.payerexchange.ledger.ManifestFacts;
import org.payerexchange.ledger.NewFile;
import org.payerexchange.ledger.TransferClaim;
import org.payerexchange.ledger.store.Claims;
import org.payerexchange.ledger.store.ExportJobLedger;
import org.payerexchange.ledger.store.Leases;
import org.payerexchange.ledger.store.StepLedger;
import org.payerexchange.ledger.store.TransferLedger;
import org.payerexchange.step.Claim;

/** Transfers whose export is ready, for a bundle that has only the routes from there on. */
public final class ReadyExports {
  /** The payer of all of them. */
  public static final String PAYER = "bison";

  private static final String PARAMETERS = "{\"resourceType\":\"Parameters\"}";
  private static final List<String> ROUTES =
      List.of(
          "beans",
          "errors",
          "payer-call",
          "token-holds",
          "work",
          "download",
          "deliver",
          "deliver-fhir");
  private final TestBundle bundle;

  private ReadyExports(TestBundle bundle) {
    this.bundle = bundle;
  }

  /** A bundle that downloads and delivers, and does nothing else; not started yet. */
  public static TestBundle bundle(Path folder, Gateway gateway) throws IOException {
    Path routes = Files.createDirectories(folder.resolve("routes"));
    for (String name : ROUTES) {
      String file = name + ".camel.yaml";
      Files.copy(Path.of("routes", file), routes.resolve(file));
    }
    gateway.stub(
        post(urlPathEqualTo("/auth/realms/dev-portal/protocol/openid-connect/token"))
            .willReturn(okJson("{\"access_token\":\"token-1\",\"expires_in\":300}")));
    return TestBundle.in(folder).routes(routes).payer(PAYER, gateway.url());
  }

  /** In the ledger of a running bundle. */
  public static ReadyExports in(TestBundle bundle) {
    return new ReadyExports(bundle);
  }

  /** An output file that carries the token. */
  public static NewFile output(String type, String url) {
    return new NewFile(FileKind.OUTPUT, type, url, true, null);
  }

  /** A new transfer with these files, numbered from 1. */
  public String of(NewFile... files) {
    return of(List.of(files), PARAMETERS);
  }

  /** The same for a request. */
  public String of(List<NewFile> files, String requestJson) {
    ExportJobLedger jobs = bundle.bean("exportJobLedger", ExportJobLedger.class);
    TransferClaim transfer = registered(requestJson);
    bundle.bean("transferLedger", TransferLedger.class).matched(transfer, List.of("group-1"));
    String id = transfer.transferId();
    ExportJobClaim kickoff =
        own(() -> claims().claimForKickoff(1), job -> id.equals(job.transferId()));
    jobs.kickoffStarted(kickoff, AskedFor.ALL);
    jobs.running(kickoff, "job-1", "http://localhost/job-1", Duration.ZERO);
    ManifestFacts facts =
        new ManifestFacts("2026-11-23T00:00:00.000Z", null, List.of(), List.of(), null);
    ExportJobClaim poll = own(() -> claims().claimForPoll(1), job -> id.equals(job.transferId()));
    jobs.ready(poll, facts, files);
    claims().goOn(bundle.template(), poll);
    return id;
  }

  /** A new transfer, claimed for its match. */
  public TransferClaim registered() {
    return registered(PARAMETERS);
  }

  private TransferClaim registered(String requestJson) {
    TransferLedger transfers = bundle.bean("transferLedger", TransferLedger.class);
    transfers.register(
        List.of(
            PlainRecord.of(
                "test",
                1,
                UUID.randomUUID().toString(),
                PAYER,
                UUID.randomUUID().toString(),
                requestJson,
                LocalDate.of(2099, 12, 31))));
    return own(() -> claims().claimForMatch(1), transfer -> true);
  }

  private Claims claims() {
    return new Claims(bundle.bean("leases", Leases.class));
  }

  /** Waits while the payer bears no call more, and gives back what other tests have left. */
  private <C extends Claim> C own(Supplier<List<C>> claim, Predicate<C> isOwn) {
    StepLedger steps = bundle.bean("stepLedger", StepLedger.class);
    List<C> own = new ArrayList<>();
    await()
        .until(
            () -> {
              for (C each : claim.get()) {
                if (isOwn.test(each)) {
                  own.add(each);
                } else {
                  steps.release(each);
                }
              }
              return !own.isEmpty();
            });
    return own.get(0);
  }
}
