package org.payerexchange.dialect.pdex;

import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.payerexchange.dialect.BulkMatch;
import org.payerexchange.dialect.MatchKind;
import org.payerexchange.dialect.member.MemberId;
import org.payerexchange.dialect.member.Parties;

/** The answer to a match while it is read. */
final class MatchReading implements BulkMatch.Reading {
  private final Parties parties;
  private final BulkMatchAnswer answer;
  private final int number;

  /**
   * Of an answer.
   *
   * @param number how many members were asked for
   * @param isOwn whether a URL, up to a resource's type, is where the payer has its resources
   */
  MatchReading(Parties parties, JsonMapper json, int number, Predicate<String> isOwn) {
    this.parties = parties;
    this.answer = new BulkMatchAnswer(json, AnswerLimits.of(number), isOwn);
    this.number = number;
  }

  @Override
  public void add(InputStream file) throws IOException {
    answer.add(file);
  }

  @Override
  public BulkMatch.Result result(String batch, List<BulkMatch.Member> members) {
    Map<String, String> transfers = new LinkedHashMap<>();
    List<AskedMember> asked =
        members.stream()
            .map(
                member -> {
                  String id = MemberId.of(batch, member.transfer());
                  transfers.put(id, member.transfer());
                  return new MemberBundle(member.parameters(), id, parties).asked();
                })
            .toList();
    List<AnsweredGroup> groups = answer.groups();
    Map<String, BulkMatch.Outcome> outcomes =
        new Correlation(number, asked)
            .outcomes(groups).entrySet().stream()
                .collect(
                    Collectors.toMap(
                        outcome -> transfers.get(outcome.getKey()), Map.Entry::getValue));
    return new BulkMatch.Result(outcomes, entries(groups));
  }

  private static Map<String, Integer> entries(List<AnsweredGroup> groups) {
    return groups.stream()
        .filter(group -> group.bucket() == MatchKind.MATCHED)
        .filter(group -> !group.id().isEmpty())
        .collect(
            Collectors.toMap(AnsweredGroup::id, group -> group.members().size(), Integer::sum));
  }

  /** No content: it is PHI. */
  @Override
  public String toString() {
    return "MatchReading";
  }
}
