package org.payerexchange.dialect.pdex;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.payerexchange.dialect.member.MemberId;
import org.payerexchange.http.JsonLimits;

class BulkMatchRequestTest {
  private final BulkMatchRequest request = new BulkMatchRequest(JsonLimits.mapper());

  @Test
  void eachMemberIsABundleWithAnIdOfItsOwn() throws IOException {
    JsonNode body = Cases.json(written(members(50)));

    assertThat(body.path("resourceType").asText()).isEqualTo("Parameters");
    assertThat(body.path("parameter")).hasSize(50);
    Set<String> ids = new HashSet<>();
    for (JsonNode bundle : body.path("parameter")) {
      assertThat(bundle.path("name").asText()).isEqualTo("MemberBundle");
      String id = bundle.at("/part/0/resource/id").asText();
      assertThat(id).matches("[A-Za-z0-9.-]{1,64}");
      assertThat(bundle.at("/part/1/resource/beneficiary/reference").asText())
          .isEqualTo("Patient/" + id);
      ids.add(id);
    }
    assertThat(ids).hasSize(50);
    assertThat(body.findValuesAsText("id")).hasSize(50);
  }

  @Test
  void aMemberHasTheSameIdInTheSameRequestAndAnotherInTheNext() {
    assertThat(MemberId.of("batch-1", "t-1"))
        .isEqualTo(MemberId.of("batch-1", "t-1"))
        .isNotEqualTo(MemberId.of("batch-1", "t-2"))
        .isNotEqualTo(MemberId.of("batch-2", "t-1"))
        .matches(MemberId::isOurs);
    assertThat(MemberId.isOurs("member-1")).isFalse();
  }

  @Test
  void aBodyThatBreaksOffDoesNotLookWhole() throws IOException {
    Iterator<MemberBundle> members = members(2);
    Iterator<MemberBundle> broken =
        new Iterator<>() {
          @Override
          public boolean hasNext() {
            return true;
          }

          @Override
          public MemberBundle next() {
            if (!members.hasNext()) {
              throw new IllegalStateException("the ledger is away");
            }
            return members.next();
          }
        };
    ByteArrayOutputStream body = new ByteArrayOutputStream();

    assertThatThrownBy(() -> request.write(broken, body)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> Cases.json(body.toString(StandardCharsets.UTF_8)))
        .isInstanceOf(JsonProcessingException.class);
  }

  @Test
  void theStreamIsTheCallers() throws IOException {
    AtomicBoolean closed = new AtomicBoolean();
    ByteArrayOutputStream body =
        new ByteArrayOutputStream() {
          @Override
          public void close() {
            closed.set(true);
          }
        };

    request.write(members(1), body);

    assertThat(closed).isFalse();
    assertThat(body.size()).isPositive();
  }

  @Test
  void nobodyIsNotAskedFor() {
    assertThatThrownBy(
            () -> request.write(Collections.emptyIterator(), new ByteArrayOutputStream()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private String written(Iterator<MemberBundle> members) throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    request.write(members, body);
    return body.toString(StandardCharsets.UTF_8);
  }

  private static Iterator<MemberBundle> members(int count) throws IOException {
    JsonNode member = Cases.member();
    return IntStream.range(0, count)
        .mapToObj(n -> new MemberBundle(member, MemberId.of("batch-1", "t-" + n), Cases.PARTIES))
        .iterator();
  }
}
