package dev.tlswaiver.lab;

import dev.tlswaiver.peer.IpAddress;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A resolver on 127.0.0.1 that answers as a file says, which it reads anew for each question: lines
 * of {@code NAME TYPE VALUE}, and {@code silent} where nobody is to get an answer. It prints each
 * question.
 */
final class NameServer {
  private static final Map<Integer, String> TYPES =
      Map.of(1, "A", 12, "PTR", 16, "TXT", 28, "AAAA", 52, "TLSA");
  private static final int HEADER = 12;
  private static final int NO_SUCH_NAME = 3;

  private NameServer() {}

  public static void main(String[] arguments) throws IOException {
    Path zones = Path.of(arguments[0]);
    try (DatagramSocket socket =
        new DatagramSocket(new InetSocketAddress(InetAddress.getLoopbackAddress(), 53))) {
      System.out.println("answering");
      DatagramPacket packet = new DatagramPacket(new byte[512], 512);
      while (true) {
        socket.receive(packet);
        byte[] question = Arrays.copyOf(packet.getData(), packet.getLength());
        List<String> lines = Files.readAllLines(zones, StandardCharsets.UTF_8);
        byte[] answer = answer(question, lines);
        if (!lines.contains("silent")) {
          socket.send(new DatagramPacket(answer, answer.length, packet.getSocketAddress()));
        }
      }
    }
  }

  private static byte[] answer(byte[] question, List<String> lines) throws IOException {
    StringBuilder name = new StringBuilder();
    int at = HEADER;
    while (question[at] != 0) {
      name.append(name.isEmpty() ? "" : ".")
          .append(new String(question, at + 1, question[at], StandardCharsets.US_ASCII));
      at += question[at] + 1;
    }
    int end = at + 5;
    String type = TYPES.getOrDefault(question[at + 1] << 8 | question[at + 2], "?");
    System.out.println(name + " " + type);
    List<byte[]> records = new ArrayList<>();
    boolean isKnown = false;
    for (String line : lines) {
      String[] words = line.split(" ");
      if (words[0].equals(name.toString().toLowerCase(Locale.ROOT))) {
        isKnown = true;
        if (words[1].equals(type)) {
          records.add(value(type, words[2]));
        }
      }
    }
    ByteArrayOutputStream answer = new ByteArrayOutputStream();
    answer.write(question, 0, 2);
    // A response, recursion wanted and available.
    answer.write(0x81);
    answer.write(0x80 | (isKnown ? 0 : NO_SUCH_NAME));
    answer.write(new byte[] {0, 1, 0, (byte) records.size(), 0, 0, 0, 0});
    answer.write(question, HEADER, end - HEADER);
    for (byte[] value : records) {
      answer.write(new byte[] {(byte) 0xc0, HEADER, 0, question[at + 2], 0, 1, 0, 0, 0, 60, 0});
      answer.write(value.length);
      answer.write(value);
    }
    return answer.toByteArray();
  }

  private static byte[] value(String type, String text) throws IOException {
    switch (type) {
      case "A", "AAAA" -> {
        return IpAddress.parse(text).bytes();
      }
      case "TLSA" -> {
        return HexFormat.of().parseHex(text);
      }
      case "TXT" -> {
        return ((char) text.length() + text).getBytes(StandardCharsets.US_ASCII);
      }
      default -> {
        return name(text);
      }
    }
  }

  private static byte[] name(String text) throws IOException {
    ByteArrayOutputStream name = new ByteArrayOutputStream();
    for (String label : text.split("\\.")) {
      name.write(label.length());
      name.write(label.getBytes(StandardCharsets.US_ASCII));
    }
    name.write(0);
    return name.toByteArray();
  }
}
