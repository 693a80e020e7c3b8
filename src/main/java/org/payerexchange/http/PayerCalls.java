package org.payerexchange.http;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.component.http.HttpMethods;
import org.payerexchange.auth.AccessToken;
import org.payerexchange.auth.Tokens;
import org.payerexchange.payer.PayerUrls;
import org.payerexchange.step.Claim;
import org.payerexchange.step.FailureReason;
import org.payerexchange.step.TransferException;

/** The decisions of the route {@code call-payer}, in the order in which it asks for them. */
public final class PayerCalls {
  static final String REQUEST_ID = "X-Request-ID";

  /** The variable with the X-Request-ID of a step's latest request. */
  public static final String LATEST = "latestRequest";

  /** The header of a file's answer with its {@link ContentCoding}. */
  public static final String CODING = "Payer-Exchange-Coding";

  private static final int PART = 206;
  private static final int GONE = 410;

  private final Tokens tokens;
  private final Clock clock;
  private final int maxAnswerBytes;
  private final Duration answerTimeout;
  private final Duration refusalPatience;
  private final AnswerRoom room;
  private final int maxUnpackRatio;
  private final Duration silence;

  /**
   * The bean {@code payerCall}.
   *
   * @param tokens where a refused token is handed back
   * @param clock measures how long an answer takes and how far away a Retry-After date is
   * @param maxAnswerBytes the longest answer that is read into memory
   * @param answerTimeout the longest time that reading such an answer may take
   * @param refusalPatience how long a payer may refuse tokens that it has just given
   * @param room for all the answers that are read into memory
   * @param maxUnpackRatio how many bytes may be unpacked of each byte of a packed answer
   * @param silence how long what comes of a packed answer may hold nothing
   */
  public PayerCalls(
      Tokens tokens,
      Clock clock,
      int maxAnswerBytes,
      Duration answerTimeout,
      Duration refusalPatience,
      AnswerRoom room,
      int maxUnpackRatio,
      Duration silence) {
    this.tokens = tokens;
    this.clock = clock;
    this.maxAnswerBytes = maxAnswerBytes;
    this.answerTimeout = answerTimeout;
    this.refusalPatience = refusalPatience;
    this.room = room;
    this.maxUnpackRatio = maxUnpackRatio;
    this.silence = silence;
  }

  /**
   * Sees to it that there is a token for a request, before its sender writes down that it is sent.
   *
   * @throws TransferException as {@link Tokens#get}
   */
  public void haveToken(PayerRequest request) {
    if (request.token()) {
      tokens.get(request.peer().client());
    }
  }

  /** Begins a call; the route keeps what it returns as its variable {@code payerCall}. */
  public PayerCall begin(PayerRequest request) {
    return new PayerCall(request);
  }

  /** Whether there is a request left to send. */
  public boolean isOpen(PayerCall call) {
    return call.isOpen();
  }

  /** Whether that request carries the payer's token. */
  public boolean needsToken(PayerCall call) {
    return call.request().token();
  }

  /** The token that {@code enrich} adds to a request. */
  public AccessToken token(PayerCall call) {
    return tokens.get(call.request().peer().client());
  }

  /** Replaces the message by the request alone: nothing else of it reaches the payer. */
  public void prepare(Exchange exchange, PayerCall call) throws IOException {
    CurrentAnswer.of(exchange).close();
    PayerRequest request = call.request();
    Message message = exchange.getMessage();
    Object authorization = message.getHeader("Authorization");
    message.removeHeaders("*");
    message.setHeader("Accept-Encoding", isPartOfFile(request) ? "identity" : "gzip");
    boolean first = exchange.getVariable(LATEST) == null;
    message.setHeader(REQUEST_ID, requestId(exchange));
    request.headers().forEach(message::setHeader);
    Map<String, String> extra = request.peer().extraHeaders().values();
    if (!extra.isEmpty() && PayerUrls.sameOrigin(request.peer().baseUrl(), request.url())) {
      extra.forEach(message::setHeader);
    }
    if (request.token()) {
      message.setHeader("Authorization", authorization);
    }
    message.setHeader(Exchange.HTTP_METHOD, HttpMethods.valueOf(request.method()));
    message.setHeader(Exchange.HTTP_URI, request.url().toString());
    message.setHeader(ExactTarget.HEADER, target(request.url()));
    PayerHttpClients.tell(request, first, message::setHeader);
    if (request.contentType() != null) {
      message.setHeader(Exchange.CONTENT_TYPE, request.contentType());
    }
    message.setBody(
        request.body() == null ? null : request.body().getBytes(StandardCharsets.UTF_8));
    exchange.setProperty(Exchange.SKIP_GZIP_ENCODING, true);
  }

  /** One of its own for each request, which begins with what it is for. */
  private static String requestId(Exchange exchange) {
    String own = UUID.randomUUID().toString();
    if (!(exchange.getVariable("claim") instanceof Claim claim)) {
      return own;
    }
    String id = claim.transferId() + '.' + own.substring(0, own.indexOf('-'));
    exchange.setVariable(LATEST, id);
    return id;
  }

  /** A 401: the token is replaced once, a second one is the answer. */
  public void unauthorized(Exchange exchange, PayerCall call) throws IOException {
    if (!call.mayReplaceToken()) {
      answered(exchange, call);
      return;
    }
    discard(exchange);
    tokens.refused(call.request().peer().client(), call.token());
    call.tokenReplaced();
  }

  /**
   * A 406: whatever media type there is is asked for once, since what comes is judged by itself. A
   * second one is the answer.
   */
  public void notAcceptable(Exchange exchange, PayerCall call) throws IOException {
    if (!call.mayTakeAny()) {
      answered(exchange, call);
      return;
    }
    discard(exchange);
    call.takeAny();
  }

  /** A 3xx: its target is checked and called next. */
  public void redirected(Exchange exchange, PayerCall call) throws IOException {
    Message message = exchange.getMessage();
    RepeatedHeaders.fold(message);
    String location = message.getHeader("Location", String.class);
    if (location == null) {
      answered(exchange, call);
      return;
    }
    discard(exchange);
    call.redirect(status(message), location);
  }

  /**
   * The answer: nothing is left to send. A file that comes in a Binary is asked for once as
   * whatever media type there is, as after a 406.
   */
  public void answered(Exchange exchange, PayerCall call) throws IOException {
    Message message = exchange.getMessage();
    ContentCoding coding = ContentCoding.of(message);
    RepeatedHeaders.fold(message);
    AnswerRoom.Share share = room.share(call.request().peer().client().keys());
    AnswerBody body = inHand(exchange, share, coding, call.request().ownPacking());
    if (mayBeWrapped(call, status(message)) && body.isWrapped()) {
      call.takeAny();
      return;
    }
    call.close();
  }

  private static boolean mayBeWrapped(PayerCall call, int status) {
    PayerRequest request = call.request();
    return isOfFile(request)
        && !request.ownPacking()
        && call.mayTakeAny()
        && PayerRequest.WHOLE.contains(status);
  }

  /**
   * Hands an expected answer to the caller, and turns any other into the failure that it means.
   *
   * @throws TransferException for a status that is not expected, and for any by which a payer says
   *     that it starts no job now; a 401 to a token that the payer has just given comes with
   *     patience
   */
  public void outcome(Exchange exchange, PayerCall call) throws IOException {
    exchange.removeProperty(Exchange.SKIP_GZIP_ENCODING);
    Message message = exchange.getMessage();
    AnswerBody body = message.getBody(AnswerBody.class);
    PayerRequest request = call.request();
    if (isDeadLink(request, status(message))) {
      message.setHeader(Exchange.HTTP_RESPONSE_CODE, GONE);
    }
    boolean expected = request.expected().contains(status(message));
    if (!expected || isRefusedJob(request, status(message))) {
      byte[] said = UnexpectedAnswer.read(body, clock);
      TransferException failure =
          new UnexpectedAnswer(request, status(message), said)
              .failure(
                  message.getHeader("Retry-After", String.class),
                  message.getHeader("Date", String.class),
                  clock);
      if (!expected || failure.reason() != FailureReason.PAYER_REFUSED) {
        throw status(message) == 401 && request.token()
            ? failure.withPatience(refusalPatience)
            : failure;
      }
      message.setBody(new ByteArrayInputStream(said));
      return;
    }
    if (isOfFile(request) && status(message) < 300) {
      message.setHeader(CODING, body.coding());
    } else if (isOfJson(request, status(message))) {
      body.coding().mustBeReadable(FailureReason.BAD_ANSWER, "the answer");
    }
    if (!request.streamed()) {
      message.setBody(new ByteArrayInputStream(whole(body)));
    }
  }

  /** A live answer, read after all: within the same bounds as any that is not live. */
  public byte[] whole(AnswerBody body) throws IOException {
    return body.readWhole(maxAnswerBytes, answerTimeout, clock);
  }

  /**
   * Whether the answer is of use as JSON alone. One to who starts a job is not: it is not to be
   * asked for again. Who takes a failure for an answer judges any by itself.
   */
  private static boolean isOfJson(PayerRequest request, int status) {
    return PayerRequest.WHOLE.contains(status)
        && request.kind() != RequestKind.KICK_OFF
        && request.kind() != RequestKind.RELEASE
        && !request.startsJob()
        && !request.expected().contains(500);
  }

  /** A caller that may ask for less is not to do so of a payer that only starts no job now. */
  private static boolean isRefusedJob(PayerRequest request, int status) {
    return request.startsJob() && status >= 400;
  }

  /** Only files come in parts. */
  private static boolean isOfFile(PayerRequest request) {
    return request.streamed() && request.expected().contains(PART);
  }

  /** Object stores say 400 or 403 of a signed file URL whose time is over. */
  private static boolean isDeadLink(PayerRequest request, int status) {
    return isOfFile(request)
        && (status == 400 || status == 403)
        && PayerUrls.isSigned(request.url());
  }

  private static boolean isPartOfFile(PayerRequest request) {
    return request.headers().keySet().stream()
        .anyMatch(name -> name.toLowerCase(Locale.ROOT).equals("range"));
  }

  private static String target(URI url) {
    String path = url.getRawPath().isEmpty() ? "/" : url.getRawPath();
    return url.getRawQuery() == null ? path : path + "?" + url.getRawQuery();
  }

  private void discard(Exchange exchange) throws IOException {
    inHand(exchange, null, ContentCoding.NONE, false).close();
    exchange.getMessage().setBody(null);
  }

  /** There is no other way to a body: what is not in hand is nobody's to give up. */
  private AnswerBody inHand(
      Exchange exchange, AnswerRoom.Share share, ContentCoding coding, boolean ownPacking) {
    Message message = exchange.getMessage();
    InputStream raw = message.getBody(InputStream.class);
    AnswerBody body = new AnswerBody(raw, share, maxUnpackRatio, silence, coding, ownPacking);
    message.setBody(CurrentAnswer.is(exchange, body, share));
    return body;
  }

  private static int status(Message message) {
    return message.getHeader(Exchange.HTTP_RESPONSE_CODE, Integer.class);
  }
}
