package org.payerexchange;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.GeneralCodingRules;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileAttribute;
import org.apache.camel.Body;
import org.apache.camel.ExchangeException;
import org.apache.camel.ExchangeProperty;
import org.apache.camel.Header;
import org.apache.camel.Headers;
import org.apache.camel.Variable;
import org.payerexchange.files.AtomicFiles;
import org.payerexchange.http.JsonLimits;

/** The lines between the packages: what may know what. */
@AnalyzeClasses(
    packages = "org.payerexchange",
    importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

  @ArchTest
  static final ArchRule decisionsStepsAndTheLedgerDoNotKnowCamel =
      noClasses()
          .that()
          .resideInAnyPackage(
              "..auth..",
              "..match..",
              "..export..",
              "..dialect..",
              "..payer..",
              "..step..",
              "..ledger..",
              "..split..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.apache.camel..")
          .allowEmptyShould(true);

  /** So that every transition can be tried without a database; rows are read, not asked for. */
  @ArchTest
  static final ArchRule whatBecomesOfATransferIsDecidedWithoutADatabase =
      noClasses()
          .that()
          .resideInAPackage("org.payerexchange.ledger")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "org.payerexchange.ledger.store..", "org.springframework..", "javax.sql..");

  /** But for the locks of inbox files, whose table is Camel's. */
  @ArchTest
  static final ArchRule theLedgersStoreAloneSpeaksSql =
      noClasses()
          .that()
          .resideOutsideOfPackage("org.payerexchange.ledger.store..")
          .and()
          .doNotHaveSimpleName("InboxLocks")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.springframework.jdbc.core..")
          .orShould()
          .dependOnClassesThat()
          .haveNameMatching("java\\.sql\\.(Connection|Statement|PreparedStatement)");

  @ArchTest
  static final ArchRule whoseALineIsIsToldWithoutADatabase =
      noClasses()
          .that()
          .resideInAPackage("..split..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("org.springframework..", "java.sql..", "javax.sql..");

  /** Its route names what a bean is given; the sandbox's read requests as servers do. */
  @ArchTest
  static final ArchRule noBeanPicksItsArgumentsByAnnotation =
      noClasses()
          .that()
          .resideOutsideOfPackage("..sandbox..")
          .should()
          .dependOnClassesThat()
          .belongToAnyOf(
              Body.class,
              ExchangeException.class,
              ExchangeProperty.class,
              Header.class,
              Headers.class,
              Variable.class);

  @ArchTest
  static final ArchRule bootTheCommandsAndKarafAloneKnowWhereTheBundleRuns =
      noClasses()
          .that()
          .resideOutsideOfPackages("..boot..", "..cli..", "..karaf..", "..demo..", "..sandbox..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "org.apache.camel.main..", "org.osgi..", "io.quarkus..", "picocli..", "ch.qos..")
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule theDemoAndTheSandboxAreKnownToNobodyElse =
      noClasses()
          .that()
          .resideOutsideOfPackages("..sandbox..", "..demo..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("..sandbox..", "..demo..")
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule theSandboxKnowsNothingOfTheBundleThatItTests =
      knowsNoOtherPackage("org.payerexchange.sandbox..");

  @ArchTest
  static final ArchRule whatAllStepsShareIsPlainJavaAndStandsAtTheBottom =
      classes()
          .that()
          .resideInAPackage("org.payerexchange.step..")
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage("org.payerexchange.step..", "java..", "org.slf4j..");

  /** So that a dialect can be tried without a server. */
  @ArchTest
  static final ArchRule howAGatewaySpeaksIsKnownWithoutPayersAndHttp =
      classes()
          .that()
          .resideInAPackage("org.payerexchange.dialect..")
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(
              "org.payerexchange.dialect..",
              "org.payerexchange.step..",
              "java..",
              "com.fasterxml.jackson..");

  @ArchTest
  static final ArchRule packagesFormNoCycle =
      slices().matching("org.payerexchange.(*)..").should().beFreeOfCycles().allowEmptyShould(true);

  @ArchTest
  static final ArchRule oneClassMakesJsonParsersAndBoundsThem =
      noClasses()
          .that()
          .doNotBelongToAnyOf(JsonLimits.class)
          .and()
          .doNotHaveFullyQualifiedName("org.payerexchange.sandbox.Answer")
          .should()
          .callConstructor(ObjectMapper.class)
          .orShould()
          .callConstructor(JsonMapper.class)
          .orShould()
          .callConstructor(JsonFactory.class)
          .orShould()
          .callMethod(JsonMapper.class, "builder")
          .orShould()
          .callMethod(JsonMapper.class, "builder", JsonFactory.class)
          .orShould()
          .callMethod(JsonFactory.class, "builder");

  /** But for the ledger's own, which stands below it. */
  @ArchTest
  static final ArchRule filesAreRenamedIntoTheirPlacesByOneClass =
      noClasses()
          .that()
          .doNotBelongToAnyOf(AtomicFiles.class)
          .and()
          .doNotHaveFullyQualifiedName("org.payerexchange.ledger.store.FileUpgrade")
          .should()
          .accessField(StandardCopyOption.class, "ATOMIC_MOVE")
          .orShould()
          .callMethod(
              Files.class,
              "createTempFile",
              Path.class,
              String.class,
              String.class,
              FileAttribute[].class);

  @ArchTest
  static final ArchRule nothingSleeps =
      noClasses().should().callMethod(Thread.class, "sleep", long.class);

  @ArchTest
  static final ArchRule onlyCommandsWriteToStandardStreams =
      noClasses()
          .that()
          .resideOutsideOfPackages("..cli..", "..karaf..", "..demo..")
          .should(GeneralCodingRules.ACCESS_STANDARD_STREAMS)
          .allowEmptyShould(true);

  private static ArchRule knowsNoOtherPackage(String own) {
    return noClasses()
        .that()
        .resideInAPackage(own)
        .should()
        .dependOnClassesThat(
            resideInAPackage("org.payerexchange..").and(resideOutsideOfPackage(own)));
  }
}
