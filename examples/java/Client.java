import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.*;
import java.nio.ByteBuffer;
import java.nio.file.*;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.*;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.*;
import java.time.Duration;
import java.time.Instant;
import java.util.*;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.crypto.Cipher;
import javax.crypto.KeyAgreement;
import javax.crypto.spec.GCMParameterSpec;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.DERIA5String;
import org.bouncycastle.asn1.DEROctetString;
import org.bouncycastle.asn1.cms.*;
import org.bouncycastle.asn1.cms.ecc.ECCCMSSharedInfo;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.jcajce.spec.UserKeyingMaterialSpec;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;

/**
 * A client of a CALE edge, in Java 17 or later, with bcprov, bcutil and bcpkix of Bouncy Castle on the class path.
 *
 * <pre>
 * CALE_BASIC=alice:wonderland java Client.java http://127.0.0.1:8787 /resource
 * java Client.java http://127.0.0.1:8787 /echo hello
 * </pre>
 *
 * The first run registers, and keeps private key and GUID in cale.properties for later runs in the same folder.
 */
public class Client {
  static final Path ACCOUNT = Path.of("cale.properties");
  static final String ID_KP_WHOAMI = "2.25.48108031935660549309458286867817322800.1.1";
  static final String ID_PE_NONCE = "2.25.48108031935660549309458286867817322800.2.1";
  static final HttpClient HTTP = HttpClient.newHttpClient();

  /** Its message is a sentence for the user. */
  static class CaleException extends Exception {
    CaleException(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /** What the API answered. Each field is a pair, the name in lower case, in the order of the message. */
  record Answer(int status, List<String[]> fields, byte[] content) {}

  /** Makes a P-256 key and registers it. The account, which a Client is made of, has the private key. */
  static Properties register(String edge, String userAndPassword) throws Exception {
    String document = new String(send(edge + "/.well-known/cale", Map.of(), null), UTF_8);
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    KeyPair keys = generator.generateKeyPair();
    byte[] csr =
        new JcaPKCS10CertificationRequestBuilder(new X500Principal("CN=Java"), keys.getPublic())
            .build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate()))
            .getEncoded();
    String basic = "Basic " + base64(userAndPassword.getBytes(UTF_8));
    Map<String, String> fields = Map.of("Authorization", basic, "Content-Type", "application/pkcs10");
    byte[] answer = send(edge + "/registration", fields, csr);

    Properties account = new Properties();
    account.setProperty("edge", edge);
    account.setProperty("guid", new String(openAnswer(keys, answer), UTF_8));
    account.setProperty("private", base64(keys.getPrivate().getEncoded()));
    account.setProperty("public", base64(keys.getPublic().getEncoded()));
    account.setProperty("authorities", pemOf(document, "authorityCertificates"));
    account.setProperty("origins", pemOf(document, "originCertificates"));
    return account;
  }

  /** PEM in JSON, for which the JDK has no reader: only the ends of lines are escaped in it. */
  static String pemOf(String document, String member) {
    String list = document.replaceFirst("(?s).*\"" + member + "\":\\[\"([^]]*)\"].*", "$1");
    return list.replace("\",\"", "").replace("\\n", "\n");
  }

  final String edge;
  final String guid;
  final KeyPair keys;
  final String keyId;
  final List<X509Certificate> authorities;
  final List<X509Certificate> origins;

  Client(Properties account) throws Exception {
    edge = account.getProperty("edge");
    guid = account.getProperty("guid");
    authorities = parseCertificates(account.getProperty("authorities").getBytes(UTF_8));
    origins = parseCertificates(account.getProperty("origins").getBytes(UTF_8));
    KeyFactory factory = KeyFactory.getInstance("EC");
    Base64.Decoder decoder = Base64.getDecoder();
    keys =
        new KeyPair(
            factory.generatePublic(new X509EncodedKeySpec(decoder.decode(account.getProperty("public")))),
            factory.generatePrivate(new PKCS8EncodedKeySpec(decoder.decode(account.getProperty("private")))));
    keyId = base64url(new JcaX509ExtensionUtils().createSubjectKeyIdentifier(keys.getPublic()).getKeyIdentifier());
  }

  /** An answer that an origin of the authority signed for this request. With content it is a POST. */
  Answer ask(String path, Map<String, String> fields, byte[] content) throws Exception {
    Map<String, String> sent = new HashMap<>(fields);
    sent.putIfAbsent("CALE-Nonce", newNonce());
    sent.put("CALE-Accept", "message/bhttp");
    Answer answer = parseBinaryHttp(open(path, sent, content));
    Map<String, String> request =
        Map.of(
            "@method", content == null ? "GET" : "POST",
            "@target-uri", edge + path,
            "cale-nonce", sent.get("CALE-Nonce"),
            "cale-key", keyId);
    try {
      verifyAnswer(answer, request);
    } catch (GeneralSecurityException | RuntimeException error) {
      throw new CaleException(
          "The answer is not signed by an origin of the authority, for this request and this key.", error);
    }
    return answer;
  }

  /** The content of a sealed answer. It is not known who made it. */
  byte[] open(String path, Map<String, String> fields, byte[] content) throws Exception {
    Map<String, String> withGuid = new HashMap<>(fields);
    withGuid.put("CALE-GUID", guid);
    return openAnswer(keys, send(edge + path, withGuid, content));
  }

  /** A POST that is signed by the registered key (RFC 9421). */
  Answer write(String path, byte[] content, String contentType) throws Exception {
    String nonce = newNonce();
    String digest = "sha-256=:" + base64(MessageDigest.getInstance("SHA-256").digest(content)) + ":";
    String covered = "(\"@method\" \"@target-uri\" \"cale-nonce\" \"content-digest\" \"content-type\")";
    String parameters = covered + ";keyid=\"" + keyId + "\";tag=\"cale-request\"";
    String base =
        """
        "@method": POST
        "@target-uri": %s
        "cale-nonce": %s
        "content-digest": %s
        "content-type": %s
        "@signature-params": %s"""
            .formatted(edge + path, nonce, digest, contentType, parameters);
    Signature signature = Signature.getInstance("SHA256withECDSAinP1363Format");
    signature.initSign(keys.getPrivate());
    signature.update(base.getBytes(UTF_8));
    Map<String, String> fields =
        Map.of(
            "CALE-Nonce", nonce,
            "Content-Type", contentType,
            "Content-Digest", digest,
            "Signature-Input", "cale=" + parameters,
            "Signature", "cale=:" + base64(signature.sign()) + ":");
    return ask(path, fields, content);
  }

  /** Owner, scopes and organisation, which an authority certifies for this key and this request. */
  String whoami() throws Exception {
    String nonce = newNonce();
    byte[] content = open("/whoami", Map.of("CALE-Nonce", nonce), null);
    try {
      X509Certificate certificate = parseCertificates(content).get(0);
      byte[] extension = new DEROctetString(new DERIA5String(nonce)).getEncoded();
      boolean isCertified =
          authorities.stream().anyMatch(authority -> isIssuer(authority, certificate))
              && certificate.getPublicKey().equals(keys.getPublic())
              && certificate.getExtendedKeyUsage().equals(List.of(ID_KP_WHOAMI))
              && Arrays.equals(certificate.getExtensionValue(ID_PE_NONCE), extension);
      if (!isCertified) throw new GeneralSecurityException("another certificate");
      return (String) certificate.getSubjectAlternativeNames().iterator().next().get(1);
    } catch (GeneralSecurityException | RuntimeException error) {
      throw new CaleException(
          "The certificate of whoami is not one of the authority, for this key and this request.", error);
    }
  }

  /** Opens AuthEnvelopedData (RFC 5083) that is sealed to a P-256 key (RFC 5753) with AES-GCM (RFC 5084). */
  static byte[] openAnswer(KeyPair keys, byte[] der) throws CaleException {
    try {
      AuthEnvelopedData message = AuthEnvelopedData.getInstance(ContentInfo.getInstance(der).getContent());
      RecipientInfo first = RecipientInfo.getInstance(message.getRecipientInfos().getObjectAt(0));
      KeyAgreeRecipientInfo recipient = KeyAgreeRecipientInfo.getInstance(first.getInfo());
      AlgorithmIdentifier scheme = recipient.getKeyEncryptionAlgorithm();
      AlgorithmIdentifier wrap = AlgorithmIdentifier.getInstance(scheme.getParameters());
      int bits = wrap.getAlgorithm().equals(NISTObjectIdentifiers.id_aes256_wrap) ? 256 : 128;

      AlgorithmIdentifier curve = SubjectPublicKeyInfo.getInstance(keys.getPublic().getEncoded()).getAlgorithm();
      byte[] point = recipient.getOriginator().getOriginatorKey().getPublicKey().getBytes();
      byte[] ephemeral = new SubjectPublicKeyInfo(curve, point).getEncoded();
      byte[] sharedInfo = new ECCCMSSharedInfo(wrap, ByteBuffer.allocate(4).putInt(bits).array()).getEncoded();
      KeyAgreement agreement = KeyAgreement.getInstance(scheme.getAlgorithm().getId(), new BouncyCastleProvider());
      agreement.init(keys.getPrivate(), new UserKeyingMaterialSpec(sharedInfo));
      agreement.doPhase(KeyFactory.getInstance("EC").generatePublic(new X509EncodedKeySpec(ephemeral)), true);

      Cipher unwrap = Cipher.getInstance("AESWrap");
      unwrap.init(Cipher.UNWRAP_MODE, agreement.generateSecret(wrap.getAlgorithm().getId()));
      RecipientEncryptedKey wrapped =
          RecipientEncryptedKey.getInstance(recipient.getRecipientEncryptedKeys().getObjectAt(0));
      Key contentKey = unwrap.unwrap(wrapped.getEncryptedKey().getOctets(), "AES", Cipher.SECRET_KEY);

      EncryptedContentInfo encrypted = message.getAuthEncryptedContentInfo();
      byte[] nonce = GCMParameters.getInstance(encrypted.getContentEncryptionAlgorithm().getParameters()).getNonce();
      Cipher gcm = Cipher.getInstance("AES/GCM/NoPadding");
      gcm.init(Cipher.DECRYPT_MODE, contentKey, new GCMParameterSpec(128, nonce));
      gcm.update(encrypted.getEncryptedContent().getOctets());
      return gcm.doFinal(message.getMac().getOctets());
    } catch (Exception error) {
      // One error for all: a forger must not learn how far a message came.
      throw new CaleException(
          "The answer cannot be opened: the credential was revoked or is not known, or the answer was altered.", error);
    }
  }

  /** Reads a known-length response (RFC 9292 3.2 and 3.5). Zeros follow it. */
  static Answer parseBinaryHttp(byte[] bytes) throws CaleException {
    try {
      ByteBuffer message = ByteBuffer.wrap(bytes);
      if (number(message) != 1) throw new IllegalArgumentException("another framing");
      int status = number(message);
      for (; status < 200; status = number(message)) fields(message);
      return new Answer(status, fields(message), part(message));
    } catch (RuntimeException error) {
      throw new CaleException("The answer is no Binary HTTP.", error);
    }
  }

  /** An integer of variable length (RFC 9000 16). */
  static int number(ByteBuffer message) {
    int first = message.get() & 0xff;
    long value = first & 0x3f;
    for (int more = (1 << (first >> 6)) - 1; more > 0; more--) value = value << 8 | message.get() & 0xff;
    return Math.toIntExact(value);
  }

  static byte[] part(ByteBuffer message) {
    int size = number(message);
    if (size > message.remaining()) throw new IllegalArgumentException("an end within");
    byte[] part = new byte[size];
    message.get(part);
    return part;
  }

  static List<String[]> fields(ByteBuffer message) {
    ByteBuffer section = ByteBuffer.wrap(part(message));
    List<String[]> fields = new ArrayList<>();
    while (section.hasRemaining()) {
      // Each byte is a character, so that none is lost.
      fields.add(new String[] {new String(part(section), ISO_8859_1), new String(part(section), ISO_8859_1)});
    }
    return fields;
  }

  static final Pattern SIGNATURE_INPUT =
      Pattern.compile("cale=(\\(([^()]*)\\);keyid=\"([\\w-]+)\";alg=\"([\\w-]+)\";tag=\"cale-answer\")");
  static final Map<String, String> ALGORITHMS =
      Map.of(
          "ecdsa-p256-sha256", "SHA256withECDSAinP1363Format",
          "ecdsa-p384-sha384", "SHA384withECDSAinP1363Format",
          "rsa-v1_5-sha256", "SHA256withRSA");

  /** Verifies that an origin signed all of the answer, for this request (RFC 9421 with ;req). */
  void verifyAnswer(Answer answer, Map<String, String> request) throws GeneralSecurityException {
    Map<String, List<String>> values = new HashMap<>();
    for (String[] field : answer.fields) {
      values.computeIfAbsent(field[0], name -> new ArrayList<>()).add(field[1].replaceAll("^[ \\t]+|[ \\t]+$", ""));
    }
    Matcher input = SIGNATURE_INPUT.matcher(String.join(", ", values.remove("signature-input")));
    if (!input.matches()) throw new SignatureException("another form");
    byte[] signed = Base64.getDecoder().decode(values.remove("signature").get(0).replaceAll("^cale=:|:$", ""));

    Set<String> needed = new HashSet<>(List.of("\"@status\"", "\"content-digest\""));
    for (String name : values.keySet()) needed.add("\"" + name + "\"");
    for (String name : request.keySet()) needed.add("\"" + name + "\";req");
    StringBuilder base = new StringBuilder();
    for (String component : input.group(2).split(" ")) {
      String[] parts = component.split(";");
      String name = parts[0].replace("\"", "");
      String value;
      if (component.endsWith(";req")) value = request.get(name);
      else if (name.equals("@status")) value = String.valueOf(answer.status);
      else if (component.endsWith(";bs")) value = asBytes(values.get(name));
      else value = String.join(", ", values.get(name));
      base.append(component).append(": ").append(value).append("\n");
      needed.remove(component.endsWith(";bs") ? parts[0] : component);
    }
    base.append("\"@signature-params\": ").append(input.group(1));
    byte[] hash = MessageDigest.getInstance("SHA-256").digest(answer.content);
    if (!needed.isEmpty() || !values.get("content-digest").equals(List.of("sha-256=:" + base64(hash) + ":"))) {
      throw new SignatureException("another answer, or not all of it");
    }

    Signature signature = Signature.getInstance(ALGORITHMS.get(input.group(4)));
    signature.initVerify(originOf(input.group(3)).getPublicKey());
    signature.update(base.toString().getBytes(ISO_8859_1));
    if (!signature.verify(signed)) throw new SignatureException("another signature");
  }

  static String asBytes(List<String> lines) {
    return lines.stream().map(each -> ":" + base64(each.getBytes(ISO_8859_1)) + ":").collect(Collectors.joining(", "));
  }

  /** The certificate of an origin that the authority issued for signing. */
  X509Certificate originOf(String keyId) throws GeneralSecurityException {
    for (X509Certificate origin : origins) {
      byte[] extension = ASN1OctetString.getInstance(origin.getExtensionValue("2.5.29.14")).getOctets();
      byte[] identifier = ASN1OctetString.getInstance(extension).getOctets();
      boolean isIssued = authorities.stream().anyMatch(authority -> isIssuer(authority, origin));
      boolean isForSigning =
          origin.getBasicConstraints() == -1 && origin.getExtendedKeyUsage().equals(List.of("1.3.6.1.5.5.7.3.1"));
      if (!base64url(identifier).equals(keyId) || !isIssued || !isForSigning) continue;
      origin.checkValidity();
      return origin;
    }
    throw new CertificateException("no such origin");
  }

  static boolean isIssuer(X509Certificate authority, X509Certificate certificate) {
    try {
      certificate.verify(authority.getPublicKey());
      return certificate.getIssuerX500Principal().equals(authority.getSubjectX500Principal());
    } catch (GeneralSecurityException error) {
      return false;
    }
  }

  static List<X509Certificate> parseCertificates(byte[] pem) throws GeneralSecurityException {
    CertificateFactory factory = CertificateFactory.getInstance("X.509");
    List<X509Certificate> certificates = new ArrayList<>();
    for (Certificate each : factory.generateCertificates(new ByteArrayInputStream(pem))) {
      certificates.add((X509Certificate) each);
    }
    return certificates;
  }

  /** The body of the edge's answer. With content it is a POST. */
  static byte[] send(String url, Map<String, String> fields, byte[] content) throws Exception {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url)).timeout(Duration.ofSeconds(30));
    request.header("Accept", "application/pkcs7-mime");
    fields.forEach(request::header);
    if (content != null) request.POST(HttpRequest.BodyPublishers.ofByteArray(content));
    try {
      HttpResponse<byte[]> answer = HTTP.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
      if (answer.statusCode() == 200) return answer.body();
      throw new CaleException(url + " answered " + answer.statusCode() + ": " + new String(answer.body(), UTF_8), null);
    } catch (IOException error) {
      throw new CaleException(url + " cannot be reached: " + error, error);
    }
  }

  static String newNonce() {
    byte[] random = new byte[16];
    new SecureRandom().nextBytes(random);
    return Instant.now().getEpochSecond() + "." + base64url(random);
  }

  static String base64(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }

  static String base64url(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  /** The account of cale.properties, which the first run writes. */
  static Properties loadOrRegister(String edge) throws Exception {
    Properties account = new Properties();
    if (Files.exists(ACCOUNT)) {
      try (InputStream file = Files.newInputStream(ACCOUNT)) {
        account.load(file);
      }
      String other = account.getProperty("edge");
      if (other.equals(edge)) return account;
      throw new CaleException(ACCOUNT + " is of " + other + ": remove it, or work in another folder.", null);
    }
    String basic = System.getenv("CALE_BASIC");
    if (basic == null) {
      throw new CaleException("There is no " + ACCOUNT + ": set CALE_BASIC=user:password to register.", null);
    }
    account = register(edge, basic);
    System.err.println("Registered: " + new Client(account).whoami());
    Files.createFile(ACCOUNT, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    try (OutputStream file = Files.newOutputStream(ACCOUNT)) {
      account.store(file, null);
    }
    return account;
  }

  public static void main(String[] arguments) throws Exception {
    try {
      if (arguments.length < 2) throw new CaleException("Usage: Client.java EDGE PATH [CONTENT]", null);
      Client client = new Client(loadOrRegister(arguments[0].replaceAll("/$", "")));
      String path = arguments[1];
      Answer answer =
          arguments.length == 2
              ? client.ask(path, Map.of(), null)
              : client.write(path, arguments[2].getBytes(UTF_8), "text/plain");
      System.out.write(answer.content);
      System.out.println();
      if (answer.status >= 400) throw new CaleException("The API answered " + answer.status + ".", null);
    } catch (CaleException error) {
      System.err.println(error.getMessage());
      System.exit(1);
    }
  }
}
