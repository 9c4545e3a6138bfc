// Tests of a client of factord, on a server of their own: java OtpEmailTest.java

import java.io.BufferedReader;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

public final class OtpEmailTest {
  private static Process server;
  private static String said;

  public static void main(String[] arguments) throws Exception {
    String program = System.getenv().getOrDefault("FACTORD", "factord");
    server = new ProcessBuilder(program, "dev", "--seed-users", "100")
        .redirectError(ProcessBuilder.Redirect.INHERIT).start();
    BufferedReader output = server.inputReader();
    said = output.readLine();
    try {
      aFactorIsRemovedOnce();
      whatAnotherTestDidIsGone();
    } finally {
      server.destroy();
    }
    check(0, server.waitFor());
    System.out.println("2 tests passed");
  }

  private static void aFactorIsRemovedOnce() throws Exception {
    reset();
    check(200, removeFactor(member("first")));
    check(404, removeFactor(member("first")));
  }

  private static void whatAnotherTestDidIsGone() throws Exception {
    reset();
    check(200, removeFactor(member("first")));
  }

  // The client of the JDK speaks to no Unix socket, so this is HTTP by hand.
  private static void reset() throws Exception {
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(UnixDomainSocketAddress.of(member("admin")));
      String request = "POST /admin/v1/reset HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n"
          + "Connection: close\r\n\r\n";
      channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII)));
      ByteBuffer answer = ByteBuffer.allocate(64 * 1024);
      while (channel.read(answer) >= 0) {
        // To its end.
      }
      String text = new String(answer.array(), 0, answer.position(), StandardCharsets.UTF_8);
      check(true, text.startsWith("HTTP/1.1 200 "));
    }
  }

  private static int removeFactor(String user) throws Exception {
    HttpRequest request = HttpRequest.newBuilder()
        .uri(URI.create(member("url") + "/v2/users/" + user + "/otp_email"))
        .header("Authorization", "Bearer " + member("token"))
        .DELETE().build();
    return HttpClient.newHttpClient()
        .send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
  }

  // Enough for the one line of the server, which has each of these once.
  private static String member(String name) {
    var found = Pattern.compile('"' + name + "\":\"([^\"]*)\"").matcher(said);
    check(true, found.find());
    return found.group(1);
  }

  private static void check(Object expected, Object got) {
    if (!expected.equals(got)) throw new AssertionError("not " + expected + " but " + got);
  }
}
