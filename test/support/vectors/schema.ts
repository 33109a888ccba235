/** The files of `test/vectors/cale`, which its README describes. Bytes are in base64, keys and certificates in PEM. */

export const VECTORS_VERSION = 1;

export interface VectorFile<T extends VectorTest> {
  readonly version: typeof VECTORS_VERSION;
  readonly tests: readonly T[];
}

export interface VectorTest {
  readonly id: string;
}

/** The outcome of a test that may have to fail. */
export interface Outcome {
  readonly valid: boolean;
  /** Where it has to fail: a word of the list in the README. */
  readonly fault?: string;
  /** Where it has to fail: what is wrong with it, for people. */
  readonly reason?: string;
}

/** Lines of fields, by lower-case name. */
export type Fields = readonly (readonly [name: string, value: string])[];

/** A key that a client may register. */
export interface KeyVector extends VectorTest {
  readonly keyType: string;
  /** PKCS#8. */
  readonly privateKey: string;
  /** SubjectPublicKeyInfo. */
  readonly publicKey: string;
  /** In hexadecimal. */
  readonly subjectKeyIdentifier: string;
  readonly keyid: string;
  /** The subject of the CSR, as RFC 4514 writes it. */
  readonly subject: string;
  readonly csr: string;
}

/** The members of `/.well-known/cale` that a client takes trust from. */
export interface EdgeDocument {
  readonly organization: string;
  readonly endpoints: Readonly<Record<string, string>>;
  readonly keyTypes: readonly string[];
  readonly ciphers: readonly string[];
  readonly identityMethods: readonly string[];
  readonly credentialLifetimeDays: number;
  readonly authorityCertificates: readonly string[];
  readonly originCertificates: readonly string[];
  readonly originEncryptionCertificate: string;
}

/** A private key and its certificate. */
export interface KeyAndCertificate {
  readonly key: string;
  readonly certificate: string;
}

/** A certificate that an edge may publish as that of its origin. */
export interface CertificateVector extends VectorTest, Outcome {
  readonly use: 'signing' | 'encryption';
  readonly certificate: string;
}

/** The edge of all vectors, with its private keys, by which more vectors can be made. */
export interface EdgeFile extends VectorFile<CertificateVector> {
  readonly document: EdgeDocument;
  readonly parties: Readonly<Record<string, KeyAndCertificate>>;
}

/** A sealed answer as HTTP carries it. */
export interface SealedBody {
  readonly contentType: string;
  /** True where the body is DER, which is then in base64 here; false where it is the text of the body as it is. */
  readonly binary: boolean;
  readonly body: string;
}

export interface SealedAnswerVector extends VectorTest, Outcome, SealedBody {
  /** Id of the key that opens it. */
  readonly key: string;
  readonly cipher: string;
  /** False for AES-CBC, which can have been altered. */
  readonly authenticated: boolean;
  readonly content?: string;
}

export interface RegistrationVector extends VectorTest, Outcome {
  readonly key: string;
  readonly answer: SealedBody;
  readonly content: string;
  readonly guid?: string;
}

export interface BinaryHttpVector extends VectorTest, Outcome {
  readonly kind: 'request' | 'response';
  readonly message: string;
  readonly status?: number;
  readonly method?: string;
  readonly targetUri?: string;
  readonly fields?: Fields;
  readonly content?: string;
}

/** A request that an answer may be to. */
export interface AnsweredRequest {
  readonly method: string;
  readonly targetUri: string;
  readonly nonce: string;
  /** The `keyid` of the client. */
  readonly key: string;
}

export interface SignedAnswerVector extends VectorTest, Outcome {
  readonly key: string;
  readonly requests: readonly AnsweredRequest[];
  readonly sealed?: SealedBody;
  /** The content of the envelope: Binary HTTP. */
  readonly message: string;
  readonly status?: number;
  readonly fields?: Fields;
  readonly content?: string;
  readonly signatureBase?: string;
  /** Of a refusal: the problem's name. */
  readonly problem?: string;
}

export interface SignedRequestVector extends VectorTest, Outcome {
  readonly key: string;
  /** The nonce that was admitted. */
  readonly nonce: string;
  readonly method: string;
  readonly targetUri: string;
  readonly fields: Fields;
  readonly content: string;
  readonly signatureBase?: string;
}

export interface SealedRequestVector extends VectorTest, Outcome {
  readonly key: string;
  readonly nonce: string;
  /** The URL that the request is sent to, by POST. */
  readonly url: string;
  readonly body: string;
  /** The content of the envelope: Binary HTTP. */
  readonly message?: string;
  readonly method?: string;
  readonly targetUri?: string;
  readonly fields?: Fields;
  readonly content?: string;
}

export interface WhoamiVector extends VectorTest, Outcome {
  readonly key: string;
  readonly nonce: string;
  readonly answer: SealedBody;
  readonly content: string;
  readonly owner?: string;
  readonly organization?: string;
  readonly scopes?: readonly string[];
  readonly device?: string;
}

export interface CredentialsVector extends VectorTest, Outcome {
  readonly key: string;
  readonly nonce: string;
  readonly method: 'GET' | 'DELETE';
  readonly answer: SealedBody;
  /** JSON as text, without the spaces behind it. */
  readonly content: string;
}

/** All files, by their names without `.json`. */
export interface Vectors {
  readonly keys: VectorFile<KeyVector>;
  readonly edge: EdgeFile;
  readonly registration: VectorFile<RegistrationVector>;
  readonly 'sealed-answers': VectorFile<SealedAnswerVector>;
  readonly 'binary-http': VectorFile<BinaryHttpVector>;
  readonly 'signed-answers': VectorFile<SignedAnswerVector>;
  readonly 'signed-requests': VectorFile<SignedRequestVector>;
  readonly 'sealed-requests': VectorFile<SealedRequestVector>;
  readonly whoami: VectorFile<WhoamiVector>;
  readonly credentials: VectorFile<CredentialsVector>;
}

export type VectorName = keyof Vectors;
export const VECTOR_NAMES: readonly VectorName[] = [
  'keys',
  'edge',
  'registration',
  'sealed-answers',
  'binary-http',
  'signed-answers',
  'signed-requests',
  'sealed-requests',
  'whoami',
  'credentials',
];
