package org.payerexchange.boot;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.payerexchange.ledger.BrokenOff;
import org.springframework.jdbc.UncategorizedSQLException;

/** The one line that a command ends with. */
class OneLineTest {
  @Test
  void aCommandThatBrokeOffSaysWhyHowFarItCameAndThatItCanBeRepeated() {
    SQLException full = new SQLException("disk full\n at 17");
    RuntimeException failure =
        new BrokenOff(3, new UncategorizedSQLException("cancel", "UPDATE", full));

    assertThat(Failures.inOneLine(failure))
        .isEqualTo(
            "p2p.database.url: disk full; it is done to 3 transfers, perhaps to one more:"
                + " ask for the same again, what is done is not done twice");
  }
}
