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
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.*;
import java.time.Duration;
import java.time.Instant;
import java.util.*;
import javax.crypto.Cipher;
import javax.crypto.KeyAgreement;
import javax.crypto.spec.GCMParameterSpec;
import javax.security.auth.x500.X500Principal;
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

  /** Makes a P-256 key and registers it. The account, which a Client is made of, has the private key. */
  static Properties register(String edge, String userAndPassword) throws Exception {
    String document = new String(send(edge + "/.well-known/cale", Map.of(), null), UTF_8);
    String authorities = document.replaceFirst("(?s).*\"authorityCertificates\":\\[\"([^]]*)\"].*", "$1");
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
    // PEM in JSON, for which the JDK has no reader: only the ends of lines are escaped in it.
    account.setProperty("authorities", authorities.replace("\",\"", "").replace("\\n", "\n"));
    return account;
  }

  final String edge;
  final String guid;
  final KeyPair keys;
  final List<X509Certificate> authorities;

  Client(Properties account) throws Exception {
    edge = account.getProperty("edge");
    guid = account.getProperty("guid");
    authorities = parseCertificates(account.getProperty("authorities").getBytes(UTF_8));
    KeyFactory factory = KeyFactory.getInstance("EC");
    Base64.Decoder decoder = Base64.getDecoder();
    keys =
        new KeyPair(
            factory.generatePublic(new X509EncodedKeySpec(decoder.decode(account.getProperty("public")))),
            factory.generatePrivate(new PKCS8EncodedKeySpec(decoder.decode(account.getProperty("private")))));
  }

  /** The body of the answer. With content it is a POST. */
  byte[] ask(String path, Map<String, String> fields, byte[] content) throws Exception {
    Map<String, String> withGuid = new HashMap<>(fields);
    withGuid.put("CALE-GUID", guid);
    return openAnswer(keys, send(edge + path, withGuid, content));
  }

  /** A POST that is signed by the registered key (RFC 9421). */
  byte[] write(String path, byte[] content, String contentType) throws Exception {
    String nonce = newNonce();
    String digest = "sha-256=:" + base64(MessageDigest.getInstance("SHA-256").digest(content)) + ":";
    byte[] keyId = new JcaX509ExtensionUtils().createSubjectKeyIdentifier(keys.getPublic()).getKeyIdentifier();
    String covered = "(\"@method\" \"@target-uri\" \"cale-nonce\" \"content-digest\" \"content-type\")";
    String parameters = covered + ";keyid=\"" + base64url(keyId) + "\";tag=\"cale-request\"";
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
    byte[] content = ask("/whoami", Map.of("CALE-Nonce", nonce), null);
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
      byte[] answer =
          arguments.length == 2
              ? client.ask(path, Map.of(), null)
              : client.write(path, arguments[2].getBytes(UTF_8), "text/plain");
      System.out.write(answer);
      System.out.println();
    } catch (CaleException error) {
      System.err.println(error.getMessage());
      System.exit(1);
    }
  }
}
