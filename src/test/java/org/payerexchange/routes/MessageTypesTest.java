package org.payerexchange.routes;

import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import jakarta.jms.BytesMessage;
import jakarta.jms.Destination;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.StreamMessage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.GZIPOutputStream;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;
import org.apache.activemq.artemis.jms.client.ActiveMQMessage;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.apache.camel.support.DefaultExchangeHolder;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.payerexchange.support.EmbeddedBroker;
import org.payerexchange.support.TestBundle;

/** Messages of every JMS type, packing and code page: a transfer, or rejected once and whole. */
class MessageTypesTest {
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final int MAX_MESSAGE = 1_000_000;
  private static final Charset CP1252 = Charset.forName("windows-1252");

  @TempDir static Path folder;
  private static EmbeddedBroker broker;
  private static TestBundle bundle;

  @BeforeAll
  static void start() throws Exception {
    broker = EmbeddedBroker.start();
    bundle =
        TestBundle.in(folder)
            .payer("plain", "http://127.0.0.1:1")
            .set("p2p.default-payer", "plain")
            .set("p2p.jms.max-message-bytes", String.valueOf(MAX_MESSAGE))
            .jms(broker)
            .routes(IntakeOnly.routesIn(folder))
            .start();
  }

  @AfterAll
  static void stop() throws Exception {
    bundle.close();
    broker.close();
  }

  @AfterEach
  void nothingIsLeftInAQueue() {
    await().atMost(PATIENCE).until(() -> broker.depth("p2p.intake") == 0);
    assertThat(broker.depth("p2p.rejected")).isZero();
    assertThat(broker.depth("answers")).isZero();
  }

  @Test
  void textIsTakenInWhateverItsFormAndNothingIsSentToWhomItAsksToBeAnswered() {
    send(context -> context.createTextMessage(flat("01", "Zo\u00eb")));
    send(context -> context.createTextMessage(csv("08-1", "Alma") + row("08-2", "Alma")));
    send(
        context -> {
          Message message = context.createTextMessage(flat("09", "Repl"));
          message.setJMSReplyTo(context.createQueue("answers"));
          return message;
        });
    awaitGiven("01", "Zo\u00eb");
    awaitGiven("08-1", "Alma");
    awaitGiven("08-2", "Alma");
    awaitGiven("09", "Repl");
  }

  @Test
  void bytesAreTakenInWithTheCharsetThatTheyHaveOrDeclare() {
    send(context -> bytes(context, flat("02", "Zo\u00eb").getBytes(UTF_8)));
    send(context -> bytes(context, ("\uFEFF" + flat("03", "Alma")).getBytes(UTF_8)));
    send(
        context ->
            declared(
                bytes(context, csv("05-1", "Ren\u00e9").getBytes(CP1252)), "charset", "cp1252"));
    send(
        context ->
            declared(
                bytes(context, csv("05-2", "Ren\u00e9").getBytes(CP1252)),
                "Content_HYPHEN_Type",
                "text/csv; charset=windows-1252"));
    send(
        context ->
            declared(
                bytes(context, flat("11-1", "Ren\u00e9").getBytes(StandardCharsets.UTF_16)),
                "JMS_AMQP_ContentType",
                "application/json; charset=utf-16"));
    send(
        context ->
            declared(bytes(context, gzip(flat("12", "Alma"))), "JMS_AMQP_ContentEncoding", "gzip"));
    awaitGiven("02", "Zo\u00eb");
    awaitGiven("03", "Alma");
    awaitGiven("05-1", "Ren\u00e9");
    awaitGiven("05-2", "Ren\u00e9");
    awaitGiven("11-1", "Ren\u00e9");
    awaitGiven("12", "Alma");
  }

  @Test
  void bytesThatAreNotWhatTheyDeclareAreRejectedOnceAndWhole() throws Exception {
    byte[] utf8 = flat("13", "Ren\u00e9").getBytes(UTF_8);
    send(context -> declared(bytes(context, utf8), "charset", "us-ascii"));
    assertRejected("US-ASCII", "BytesMessage", utf8);
    send(context -> declared(bytes(context, utf8), "charset", "klingon"));
    assertRejected("charset", "BytesMessage", utf8);
    send(context -> declared(bytes(context, utf8), "contentEncoding", "br"));
    assertRejected("content encoding", "BytesMessage", utf8);
    send(context -> declared(bytes(context, utf8), "contentEncoding", "gzip"));
    assertRejected("not whole gzip", "BytesMessage", utf8);
  }

  @Test
  void bytesInACodePageThatNobodyDeclaresAreRejectedOnceAndWhole() throws Exception {
    byte[] cp1252 = csv("04", "Ren\u00e9").getBytes(CP1252);
    send(context -> bytes(context, cp1252));
    Message rejected = receiveRejected();
    assertThat(rejected.getBody(byte[].class))
        .containsSubsequence(row("04", "Ren\u00e9").strip().getBytes(CP1252));
    assertThat(rejected.getStringProperty("p2pReason")).isEqualTo("UNREADABLE");
  }

  @ParameterizedTest
  @ValueSource(strings = {"UTF-16", "UTF-16LE", "UTF-16BE"})
  void bytesInUtf16ThatNobodyDeclaresAreRejectedOnceWithTheEncodingAsReason(String charset)
      throws Exception {
    byte[] utf16 = flat("11", "Alma").getBytes(Charset.forName(charset));
    send(context -> bytes(context, utf16));
    assertRejected("UTF-16", "BytesMessage", utf16);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "?compressLargeMessage=true"})
  void aLargeMessageIsATransferLikeAnyOther(String howTheSenderSends) {
    String id = "10" + howTheSenderSends.length();
    String record = flat(id, "Alma") + " ".repeat(200_000);
    send(howTheSenderSends, context -> context.createTextMessage(record));
    send(
        howTheSenderSends,
        context ->
            bytes(context, (flat(id + "b", "Zo\u00eb") + " ".repeat(300_000)).getBytes(UTF_8)));
    awaitGiven(id, "Alma");
    awaitGiven(id + "b", "Zo\u00eb");
  }

  @Test
  void aMessageThatIsTooLargeIsRejectedOnceAndWhole() throws Exception {
    String text = flat("14", "Alma") + " ".repeat(MAX_MESSAGE);
    send(context -> context.createTextMessage(text));
    Message rejected = receiveRejected();
    assertThat(rejected.getStringProperty("p2pReason")).isEqualTo("TOO_LONG");
    assertThat(rejected.getStringProperty("p2pOutcome")).contains("more than 1000000 bytes");
    assertThat(new String(rejected.getBody(byte[].class), UTF_16LE)).isEqualTo(text);
    byte[] bytes = new byte[3 * MAX_MESSAGE];
    send(context -> bytes(context, bytes));
    assertRejected("more than 1000000 bytes", "BytesMessage", bytes);
  }

  @Test
  void aMessageThatUnpacksToTooMuchIsRejectedOnceAndAsSmallAsItCame() throws Exception {
    send(
        "?compressLargeMessage=true",
        context -> context.createTextMessage(flat("15", "Alma") + " ".repeat(20 * MAX_MESSAGE)));
    Message rejected = receiveRejected();
    assertThat(rejected.getStringProperty("p2pReason")).isEqualTo("TOO_LONG");
    assertThat(rejected.getBody(byte[].class)).hasSizeBetween(100, MAX_MESSAGE);
  }

  @Test
  void anObjectIsRejectedOnceWithoutBeingMade() throws Exception {
    DefaultExchange exchange = new DefaultExchange(new DefaultCamelContext());
    exchange.getMessage().setBody(flat("16", "Alma"));
    exchange.getMessage().setHeader(Exchange.FILE_NAME, "x");
    for (Serializable object :
        new Serializable[] {
          flat("07", "Alma"),
          DefaultExchangeHolder.marshal(exchange),
          new Telltale(),
          "x".repeat(300_000)
        }) {
      send(context -> context.createObjectMessage(object));
      assertRejected("ObjectMessage", "ObjectMessage", serialized(object));
    }
    assertThat(Telltale.MADE).hasValue(0);
  }

  @Test
  void anObjectOfAClassThatIsNotThereOrOfNoLengthIsRejectedOnceAndWhole() throws Exception {
    byte[] unknown = serialized(new Telltale());
    byte[] name = "Telltale".getBytes(UTF_8);
    for (int i = 0; i < unknown.length - name.length; i++) {
      if (new String(unknown, i, name.length, UTF_8).equals("Telltale")) {
        System.arraycopy("Nowhere_".getBytes(UTF_8), 0, unknown, i, name.length);
      }
    }
    send(context -> coreObject(context, unknown.length, unknown));
    assertRejected("ObjectMessage", "ObjectMessage", unknown);
    send(context -> coreObject(context, Integer.MAX_VALUE, unknown));
    assertThat(receiveRejected().getBody(byte[].class)).hasSize(unknown.length + Integer.BYTES);
  }

  @Test
  void aMapIsRejectedOnceWithAllItsValues() throws Exception {
    send(
        context -> {
          MapMessage message = context.createMapMessage();
          message.setString("memberId", "M-42-6");
          message.setInt("age", 46);
          message.setBoolean("active", true);
          message.setBytes("photo", new byte[] {1, 2});
          message.setDouble("weight", 1.5);
          message.setObject("nothing", null);
          return message;
        });
    Message rejected = receiveRejected();
    assertThat(rejected.getStringProperty("p2pOutcome")).contains("MapMessage");
    assertThat(rejected.getStringProperty("p2pMessageType")).isEqualTo("MapMessage");
    assertThat(new ObjectMapper().readTree(rejected.getBody(String.class)))
        .isEqualTo(
            new ObjectMapper()
                .readTree(
                    """
                    {"active":true,"age":{"Integer":"46"},"memberId":"M-42-6","nothing":null,
                    "photo":{"bytes":"AQI="},"weight":{"Double":"1.5"}}"""));
  }

  @Test
  void aStreamIsRejectedOnceWithAllItsValues() throws Exception {
    send(
        context -> {
          StreamMessage message = context.createStreamMessage();
          message.writeString("M-42-6");
          message.writeLong(7);
          message.writeChar('c');
          message.writeBytes(new byte[] {1, 2});
          message.writeString(null);
          return message;
        });
    assertRejected(
        "StreamMessage",
        "StreamMessage",
        """
        ["M-42-6",{"Long":"7"},{"Character":"c"},{"bytes":"AQI="},null]"""
            .getBytes(UTF_8));
  }

  @Test
  void aMessageWithoutABodyAndHalfACharacterAreRejectedOnce() throws Exception {
    send(JMSContext::createMessage);
    assertThat(receiveRejected().getStringProperty("p2pReason")).isEqualTo("UNREADABLE");
    send(context -> context.createTextMessage("{\"family\":\"\ud800\"}"));
    Message half = receiveRejected();
    assertThat(half.getBody(String.class)).isEqualTo("{\"family\":\"\ud800\"}");
    assertThat(half.getStringProperty("p2pOutcome")).contains("half a character");
  }

  @ParameterizedTest
  @CsvSource({
    "3, 017f000005, text",
    "5, 01400000000000000200610301, a map of a thousand million values",
    "5, 0100000001000000020061047fffffff01, a map with two thousand million bytes",
    "5, 010000000000, a map with more than its values",
    "6, 047fffffff01, a stream with two thousand million bytes"
  })
  void aBodyThatIsNotOfItsTypeIsRejectedOnceAndWhole(byte type, String hex, String what)
      throws Exception {
    byte[] body = HexFormat.of().parseHex(hex);
    send(context -> core(bytes(context, body), type));
    Message rejected = receiveRejected();
    assertThat(rejected.getStringProperty("p2pOutcome")).as(what).contains("not of its type");
    assertThat(rejected.getBody(byte[].class)).as(what).isEqualTo(body);
  }

  @Test
  void valuesThatWouldBeTooLongAsJsonAreKeptAsTheyCame() throws Exception {
    send(
        context -> {
          StreamMessage message = context.createStreamMessage();
          for (int i = 0; i < MAX_MESSAGE / 4; i++) {
            message.writeByte((byte) 7);
          }
          return message;
        });
    Message rejected = receiveRejected();
    assertThat(rejected.getStringProperty("p2pMessageType")).isEqualTo("StreamMessage");
    assertThat(rejected.getBody(byte[].class)).hasSize(MAX_MESSAGE / 2).startsWith(3, 7, 3, 7);
  }

  @Test
  void propertiesSteerNothingButPayerAndRequestId() throws Exception {
    send(
        context -> {
          Message message = context.createTextMessage(flat("17", "Alma"));
          for (String name :
              new String[] {
                "CamelBeanMethodName",
                "camelBeanMethodName",
                "CAMELJMSDESTINATIONNAME",
                "CamelJmsDestinationName",
                "camelFileName",
                "p2pMessageType",
                "p2pDeflated",
                "rejectionRoute"
              }) {
            message.setStringProperty(name, "answers");
          }
          return message;
        });
    awaitGiven("17", "Alma");
    send(
        context -> {
          Message message = context.createTextMessage("bad");
          message.setStringProperty("CAMELJMSDESTINATIONNAME", "answers");
          message.setStringProperty("CamelJmsDestinationName", "answers");
          return message;
        });
    Message rejected = receiveRejected();
    assertThat(rejected.getBody(String.class)).isEqualTo("bad");
    assertThat(rejected.propertyExists("CAMELJMSDESTINATIONNAME")).isFalse();
  }

  private static void assertRejected(String words, String type, byte[] original)
      throws JMSException {
    Message rejected = receiveRejected();
    assertThat(rejected.getStringProperty("p2pOutcome")).contains(words);
    assertThat(rejected.getStringProperty("p2pMessageType")).isEqualTo(type);
    assertThat(
            rejected instanceof BytesMessage
                ? rejected.getBody(byte[].class)
                : rejected.getBody(String.class).getBytes(UTF_8))
        .isEqualTo(original);
  }

  private static Message receiveRejected() throws JMSException {
    try (ActiveMQConnectionFactory connections = broker.connectionFactory();
        JMSContext context = connections.createContext()) {
      Message message =
          context.createConsumer(context.createQueue("p2p.rejected")).receive(PATIENCE.toMillis());
      assertThat(message).isNotNull();
      // the body of a large message is gone with its session
      message.getBody(Object.class);
      return message;
    }
  }

  private static void awaitGiven(String id, String given) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(
                        bundle.column(
                            """
                            SELECT request_json FROM transfer_request
                            JOIN transfer ON transfer_id = id WHERE request_id = ?""",
                            "REQ-" + id))
                    .singleElement()
                    .asString()
                    .contains('"' + given + '"'));
  }

  private static void send(MessageMaker maker) {
    send("", maker);
  }

  private static void send(String options, MessageMaker maker) {
    try (ActiveMQConnectionFactory connections =
            new ActiveMQConnectionFactory(broker.url() + options);
        JMSContext context = connections.createContext()) {
      Destination intake = context.createQueue("p2p.intake");
      context.createProducer().send(intake, maker.make(context));
    } catch (JMSException | IOException e) {
      throw new AssertionError(e);
    }
  }

  private static Message bytes(JMSContext context, byte[] content) throws JMSException {
    BytesMessage message = context.createBytesMessage();
    message.writeBytes(content);
    return message;
  }

  private static Message declared(Message message, String property, String value)
      throws JMSException {
    message.setStringProperty(property, value);
    return message;
  }

  /** An ObjectMessage as another client may write it. */
  private static Message coreObject(JMSContext context, int length, byte[] content)
      throws JMSException {
    BytesMessage message = context.createBytesMessage();
    message.writeInt(length);
    message.writeBytes(content);
    return core(message, (byte) 2);
  }

  private static Message core(Message bytes, byte type) throws JMSException {
    ((BytesMessage) bytes).reset();
    ((ActiveMQMessage) bytes).getCoreMessage().setType(type);
    return bytes;
  }

  private static byte[] serialized(Serializable object) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
      out.writeObject(object);
    }
    return bytes.toByteArray();
  }

  private static byte[] gzip(String text) throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
      gzip.write(text.getBytes(UTF_8));
    }
    return packed.toByteArray();
  }

  private static String flat(String id, String given) {
    return """
        {"payer":"plain","requestId":"REQ-%1$s","memberId":"M-%1$s","given":"%2$s",\
        "family":"Testperson","birthDate":"1980-02-29","coverageId":"COV-%1$s",\
        "consentId":"CON-%1$s","consentPolicy":"regular","consentStart":"2026-01-01",\
        "consentEnd":"2099-12-31"}"""
        .formatted(id, given);
  }

  private static String csv(String id, String given) {
    return """
        payer,requestId,memberId,given,family,birthDate,gender,coverageId,consentId,consentPolicy,\
        consentStart,consentEnd
        """
        + row(id, given);
  }

  private static String row(String id, String given) {
    return """
        plain,REQ-%1$s,M-%1$s,%2$s,Testperson,1980-02-29,female,COV-%1$s,CON-%1$s,regular,\
        2026-01-01,2099-12-31
        """
        .formatted(id, given);
  }

  private interface MessageMaker {
    Message make(JMSContext context) throws JMSException, IOException;
  }

  /** Tells when one of it is made of bytes. */
  private static final class Telltale implements Serializable {
    private static final long serialVersionUID = 1L;
    static final AtomicInteger MADE = new AtomicInteger();

    private void readObject(ObjectInputStream in) throws IOException, ClassNotFoundException {
      in.defaultReadObject();
      MADE.incrementAndGet();
    }
  }
}
