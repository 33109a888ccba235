import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.security.*;
import java.security.spec.*;
import java.util.*;
import java.util.Base64;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import org.bouncycastle.asn1.*;
import org.bouncycastle.asn1.cms.*;
import org.bouncycastle.asn1.nist.NISTObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.pkcs.RSAESOAEPparams;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cms.*;
import org.bouncycastle.cms.jcajce.*;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.operator.OutputAEADEncryptor;
import org.bouncycastle.operator.OutputEncryptor;

/**
 * Opens, seals and verifies by Bouncy Castle. Reads one task a line, whose parts are separated by spaces, and answers each
 * with a line: the result in base64, or an exclamation mark and what went wrong. Bytes are in base64.
 *
 * <pre>
 * version
 * open PKCS8 CMS
 * seal SPKI KEY-IDENTIFIER CIPHER CONTENT
 * verify ALGORITHM SPKI MESSAGE SIGNATURE
 * </pre>
 */
public class Foreign {
  static final BouncyCastleProvider BC = new BouncyCastleProvider();
  static final ASN1ObjectIdentifier CHACHA20_POLY1305 = new ASN1ObjectIdentifier("1.2.840.113549.1.9.16.3.18");

  public static void main(String[] arguments) throws Exception {
    Security.addProvider(BC);
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      String[] task = line.split(" ", -1);
      try {
        System.out.println(Base64.getEncoder().encodeToString(run(task)));
      } catch (Exception error) {
        System.out.println(("!" + error).replace('\n', ' '));
      }
    }
  }

  static byte[] run(String[] task) throws Exception {
    switch (task[0]) {
      case "version":
        return BC.getInfo().replaceAll(".* v", "").getBytes(UTF_8);
      case "open":
        return open(bytes(task[1]), bytes(task[2]));
      case "seal":
        return seal(publicKey(bytes(task[1])), bytes(task[2]), task[3], bytes(task[4]));
      case "verify":
        return new byte[] {(byte) (verify(task[1], publicKey(bytes(task[2])), bytes(task[3]), bytes(task[4])) ? 1 : 0)};
      default:
        throw new IllegalArgumentException(task[0]);
    }
  }

  static byte[] bytes(String base64) {
    return Base64.getDecoder().decode(base64);
  }

  static byte[] open(byte[] pkcs8, byte[] der) throws Exception {
    String oid = PrivateKeyInfo.getInstance(pkcs8).getPrivateKeyAlgorithm().getAlgorithm().getId();
    boolean isRsa = oid.equals(PKCSObjectIdentifiers.rsaEncryption.getId());
    PrivateKey key = KeyFactory.getInstance(isRsa ? "RSA" : "EC", BC).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
    ContentInfo info = ContentInfo.getInstance(ASN1Primitive.fromByteArray(der));
    if (!info.getContentType().equals(CMSObjectIdentifiers.authEnvelopedData)) {
      Recipient recipient =
          isRsa
              ? new JceKeyTransEnvelopedRecipient(key).setProvider(BC)
              : new JceKeyAgreeEnvelopedRecipient(key).setProvider(BC);
      return any(new CMSEnvelopedData(info).getRecipientInfos(), each -> each.getContent(recipient));
    }
    // It has no recipient for AuthEnvelopedData by key agreement, and no ChaCha20-Poly1305 in CMS: its CMS gives the key,
    // and its ciphers the content.
    AuthEnvelopedData message = AuthEnvelopedData.getInstance(info.getContent());
    Key contentKey =
        any(new CMSAuthEnvelopedData(info).getRecipientInfos(), each -> contentKey(each, key, isRsa));
    EncryptedContentInfo encrypted = message.getAuthEncryptedContentInfo();
    AlgorithmIdentifier algorithm = encrypted.getContentEncryptionAlgorithm();
    Cipher cipher;
    if (algorithm.getAlgorithm().equals(CHACHA20_POLY1305)) {
      byte[] nonce = ASN1OctetString.getInstance(algorithm.getParameters()).getOctets();
      cipher = Cipher.getInstance("ChaCha20-Poly1305", BC);
      cipher.init(Cipher.DECRYPT_MODE, contentKey, new IvParameterSpec(nonce));
    } else {
      AlgorithmParameters parameters = AlgorithmParameters.getInstance("GCM", BC);
      parameters.init(algorithm.getParameters().toASN1Primitive().getEncoded());
      cipher = Cipher.getInstance("AES/GCM/NoPadding", BC);
      cipher.init(Cipher.DECRYPT_MODE, contentKey, parameters);
    }
    byte[] ciphertext = encrypted.getEncryptedContent().getOctets();
    byte[] tag = message.getMac().getOctets();
    byte[] both = Arrays.copyOf(ciphertext, ciphertext.length + tag.length);
    System.arraycopy(tag, 0, both, ciphertext.length, tag.length);
    return cipher.doFinal(both);
  }

  interface Reader<T> {
    T read(RecipientInformation recipient) throws Exception;
  }

  /** What the first recipient gives that gives anything: the key is tried, as its identifier is not known here. */
  static <T> T any(RecipientInformationStore store, Reader<T> reader) throws Exception {
    Exception fault = new CMSException("no recipient");
    for (RecipientInformation each : store.getRecipients()) {
      try {
        return reader.read(each);
      } catch (Exception error) {
        fault = error;
      }
    }
    throw fault;
  }

  /** Carries a content key out of a recipient, which may throw only its own exceptions. */
  static class Found extends RuntimeException {
    final transient Key key;

    Found(Key key) {
      this.key = key;
    }
  }

  static Key contentKey(RecipientInformation recipient, PrivateKey key, boolean isRsa) throws Exception {
    try {
      recipient.getContent(isRsa ? new Transported(key) : new Agreed(key));
      throw new CMSException("no key");
    } catch (Found found) {
      return found.key;
    }
  }

  static class Transported extends JceKeyTransRecipient {
    Transported(PrivateKey key) {
      super(key);
      setProvider(BC);
    }

    public RecipientOperator getRecipientOperator(AlgorithmIdentifier keyAlg, AlgorithmIdentifier contentAlg, byte[] wrapped)
        throws CMSException {
      throw new Found(extractSecretKey(keyAlg, contentAlg, wrapped));
    }
  }

  static class Agreed extends JceKeyAgreeRecipient {
    Agreed(PrivateKey key) {
      super(key);
      setProvider(BC);
    }

    public RecipientOperator getRecipientOperator(
        AlgorithmIdentifier keyAlg,
        AlgorithmIdentifier contentAlg,
        SubjectPublicKeyInfo sender,
        ASN1OctetString ukm,
        byte[] wrapped)
        throws CMSException {
      throw new Found(extractSecretKey(keyAlg, contentAlg, sender, ukm, wrapped));
    }
  }

  static PublicKey publicKey(byte[] spki) throws Exception {
    String oid = SubjectPublicKeyInfo.getInstance(spki).getAlgorithm().getAlgorithm().getId();
    boolean isRsa = oid.equals(PKCSObjectIdentifiers.rsaEncryption.getId());
    return KeyFactory.getInstance(isRsa ? "RSA" : "EC", BC).generatePublic(new X509EncodedKeySpec(spki));
  }

  static final Map<String, ASN1ObjectIdentifier> CIPHERS =
      Map.of(
          "AES-128-GCM", CMSAlgorithm.AES128_GCM,
          "AES-256-GCM", CMSAlgorithm.AES256_GCM,
          "AES-128-CBC", CMSAlgorithm.AES128_CBC,
          "AES-256-CBC", CMSAlgorithm.AES256_CBC);

  static byte[] seal(PublicKey key, byte[] identifier, String cipher, byte[] content) throws Exception {
    if (!CIPHERS.containsKey(cipher)) throw new CMSException("no identifier for " + cipher);
    RecipientInfoGenerator recipient = recipientFor(key, identifier, cipher.contains("128"));
    OutputEncryptor encryptor = new JceCMSContentEncryptorBuilder(CIPHERS.get(cipher)).setProvider(BC).build();
    CMSTypedData data = new CMSProcessableByteArray(content);
    if (encryptor instanceof OutputAEADEncryptor) {
      CMSAuthEnvelopedDataGenerator generator = new CMSAuthEnvelopedDataGenerator();
      generator.addRecipientInfoGenerator(recipient);
      return generator.generate(data, (OutputAEADEncryptor) encryptor).toASN1Structure().getEncoded("DER");
    }
    CMSEnvelopedDataGenerator generator = new CMSEnvelopedDataGenerator();
    generator.addRecipientInfoGenerator(recipient);
    return generator.generate(data, encryptor).toASN1Structure().getEncoded("DER");
  }

  static RecipientInfoGenerator recipientFor(PublicKey key, byte[] identifier, boolean isShort) throws Exception {
    if (key instanceof java.security.interfaces.RSAPublicKey) {
      AlgorithmIdentifier sha256 = new AlgorithmIdentifier(NISTObjectIdentifiers.id_sha256, DERNull.INSTANCE);
      RSAESOAEPparams parameters =
          new RSAESOAEPparams(
              sha256,
              new AlgorithmIdentifier(PKCSObjectIdentifiers.id_mgf1, sha256),
              RSAESOAEPparams.DEFAULT_P_SOURCE_ALGORITHM);
      AlgorithmIdentifier oaep = new AlgorithmIdentifier(PKCSObjectIdentifiers.id_RSAES_OAEP, parameters);
      return new JceKeyTransRecipientInfoGenerator(identifier, oaep, key).setProvider(BC);
    }
    ECParameterSpec curve = ((java.security.interfaces.ECPublicKey) key).getParams();
    int bits = curve.getCurve().getField().getFieldSize();
    ASN1ObjectIdentifier scheme =
        bits == 256 ? CMSAlgorithm.ECDH_SHA256KDF : bits == 384 ? CMSAlgorithm.ECDH_SHA384KDF : CMSAlgorithm.ECDH_SHA512KDF;
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC", BC);
    generator.initialize(curve);
    KeyPair ephemeral = generator.generateKeyPair();
    ASN1ObjectIdentifier wrap = isShort ? CMSAlgorithm.AES128_WRAP : CMSAlgorithm.AES256_WRAP;
    return new JceKeyAgreeRecipientInfoGenerator(scheme, ephemeral.getPrivate(), ephemeral.getPublic(), wrap)
        .addRecipient(identifier, key)
        .setProvider(BC);
  }

  static boolean verify(String algorithm, PublicKey key, byte[] message, byte[] value) throws Exception {
    Signature signature;
    if (algorithm.equals("rsa-pss-sha512")) {
      signature = Signature.getInstance("SHA512withRSAandMGF1", BC);
      signature.setParameter(new PSSParameterSpec("SHA-512", "MGF1", MGF1ParameterSpec.SHA512, 64, 1));
    } else {
      signature = Signature.getInstance(SIGNATURES.get(algorithm), BC);
    }
    signature.initVerify(key);
    signature.update(message);
    return signature.verify(value);
  }

  static final Map<String, String> SIGNATURES =
      Map.of(
          "rsa-v1_5-sha256", "SHA256withRSA",
          "ecdsa-p256-sha256", "SHA256withPLAIN-ECDSA",
          "ecdsa-p384-sha384", "SHA384withPLAIN-ECDSA",
          "ecdsa-p521-sha512", "SHA512withPLAIN-ECDSA");
}
