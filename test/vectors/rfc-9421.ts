/**
 * Examples of RFC 9421. Each transcription is confirmed by a published signature, or is short enough to be read against
 * the RFC. Line ends that the RFC puts into long values (RFC 8792) are taken out.
 */

/** B.1.2, test-key-rsa-pss: the public key. */
export const TEST_KEY_RSA_PSS = `-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAr4tmm3r20Wd/PbqvP1s2
+QEtvpuRaV8Yq40gjUR8y2Rjxa6dpG2GXHbPfvMs8ct+Lh1GH45x28Rw3Ry53mm+
oAXjyQ86OnDkZ5N8lYbggD4O3w6M6pAvLkhk95AndTrifbIFPNU8PPMO7OyrFAHq
gDsznjPFmTOtCEcN2Z1FpWgchwuYLPL+Wokqltd11nqqzi+bJ9cvSKADYdUAAN5W
Utzdpiy6LbTgSxP7ociU4Tn0g5I6aDZJ7A8Lzo0KSyZYoA485mqcO0GVAdVw9lq4
aOT9v6d+nb4bnNkQVklLQ3fVAvJm+xdDOp9LCNCN48V2pnDOkFV6+U9nV5oyc6XI
2wIDAQAB
-----END PUBLIC KEY-----
`;

/** B.1.3, test-key-ecc-p256: the public key. */
export const TEST_KEY_ECC_P256 = `-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEqIVYZVLCrPZHGHjP17CTW0/+D9Lf
w0EkjqF7xB4FivAxzic30tMM4GF+hR6Dxh71Z50VGGdldkkDXZCnTNnoXQ==
-----END PUBLIC KEY-----
`;

const REQUEST_DIGEST =
  'sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyealdVLvRwEmTHWXvJwew==:';
const RESPONSE_DIGEST =
  'sha-512=:mEWXIS7MaLRuGgxOBdODa3xqM1XdEvxoYhvlCFJ41QJgJc4GTsPp29l5oGX69wWdXymyU0rjJuahq4l5aGgfLQ==:';
const BUSY_DIGEST =
  'sha-512=:0Y6iCBzGg5rZtoXS95Ijz03mslf6KAMCloESHObfwnHJDbkkWWQz6PhhU9kxsTbARtY2PTBOzq24uJFpHsMuAg==:';

/** B.2, test-request. */
export const TEST_REQUEST = {
  method: 'POST',
  targetUri: 'https://example.com/foo?param=Value&Pet=dog',
  fields: [
    ['host', 'example.com'],
    ['date', 'Tue, 20 Apr 2021 02:07:55 GMT'],
    ['content-type', 'application/json'],
    ['content-digest', REQUEST_DIGEST],
    ['content-length', '18'],
  ],
} as const;

/** B.2, test-response. */
export const TEST_RESPONSE = {
  status: 200,
  fields: [
    ['date', 'Tue, 20 Apr 2021 02:07:56 GMT'],
    ['content-type', 'application/json'],
    ['content-digest', RESPONSE_DIGEST],
    ['content-length', '23'],
  ],
  request: TEST_REQUEST,
} as const;

/** 2.4, the answer to test-request that is bound to it. */
export const BUSY_RESPONSE = {
  status: 503,
  fields: [
    ['date', 'Tue, 20 Apr 2021 02:07:56 GMT'],
    ['content-type', 'application/json'],
    ['content-length', '62'],
    ['content-digest', BUSY_DIGEST],
  ],
  request: TEST_REQUEST,
} as const;

/** A published signature. */
export interface SignatureExample {
  /** Value of its member in Signature-Input, without the label. */
  readonly input: string;
  /** Base64. */
  readonly signature: string;
  /** The signature base as published, each component in a line of its own. */
  readonly base: readonly string[];
}

/** B.2.1, sig-b21, with rsa-pss-sha512. */
export const MINIMAL: SignatureExample = {
  input: '();created=1618884473;keyid="test-key-rsa-pss";nonce="b3k2pp5k7z-50gnwp.yemd"',
  signature:
    'd2pmTvmbncD3xQm8E9ZV2828BjQWGgiwAaw5bAkgibUopemLJcWDy/lkbbHAve4cRAtx31Iq786U7it++wgGxbtRxf8Udx7zFZsckzXaJMkA7ChG' +
    '52eSkFxykJeNqsrWH5S+oxNFlD4dzVuwe8DhTSja8xxbR/Z2cOGdCbzR72rgFWhzx2VjBqJzsPLMIQKhO4DGezXehhWwE56YCE+O6c0mKZsfxVro' +
    'gUvA4HELjVKWmAvtl6UnCh8jYzuVG5WSb/QEVPnP5TmcAnLH1g+s++v6d4s8m0gCw1fV5/SITLq9mhho8K3+7EPYTU8IU1bLhdxO5Nyt8C8ssinQ' +
    '98Xw9Q==',
  base: [],
};

/** B.2.4, sig-b24, with ecdsa-p256-sha256. */
export const RESPONSE: SignatureExample = {
  input: '("@status" "content-type" "content-digest" "content-length");created=1618884473;keyid="test-key-ecc-p256"',
  signature: 'wNmSUAhwb5LxtOtOpNa6W5xj067m5hFrj0XQ4fvpaCLx0NKocgPquLgyahnzDnDAUy5eCdlYUEkLIj+32oiasw==',
  base: [
    '"@status": 200',
    '"content-type": application/json',
    `"content-digest": ${RESPONSE_DIGEST}`,
    '"content-length": 23',
  ],
};

/** 2.5, signed in 3.1 with rsa-pss-sha512. */
export const REQUEST: SignatureExample = {
  input:
    '("@method" "@authority" "@path" "content-digest" "content-length" "content-type");created=1618884473' +
    ';keyid="test-key-rsa-pss"',
  signature:
    'HIbjHC5rS0BYaa9v4QfD4193TORw7u9edguPh0AW3dMq9WImrlFrCGUDih47vAxi4L2YRZ3XMJc1uOKk/J0ZmZ+wcta4nKIgBkKq0rM9hs3CQyxX' +
    'GxHLMCy8uqK488o+9jrptQ+xFPHK7a9sRL1IXNaagCNN3ZxJsYapFj+JXbmaI5rtAdSfSvzPuBCh+ARHBmWuNo1UzVVdHXrl8ePL4cccqlazIJdC' +
    '4QEjrF+Sn4IxBQzTZsL9y9TP5FsZYzHvDqbInkTNigBcE9cKOYNFCn4D/WM7F6TNuZO9EgtzepLWcjTymlHzK7aXq6Am6sfOrpIC49yXjj3ae6HR' +
    'alVc/g==',
  base: [
    '"@method": POST',
    '"@authority": example.com',
    '"@path": /foo',
    `"content-digest": ${REQUEST_DIGEST}`,
    '"content-length": 18',
    '"content-type": application/json',
  ],
};

/** 2.4, reqres, with ecdsa-p256-sha256. */
export const BOUND_RESPONSE: SignatureExample = {
  input:
    '("@status" "content-digest" "content-type" "@authority";req "@method";req "@path";req "content-digest";req)' +
    ';created=1618884479;keyid="test-key-ecc-p256"',
  signature: 'dMT/A/76ehrdBTD/2Xx8QuKV6FoyzEP/I9hdzKN8LQJLNgzU4W767HK05rx1i8meNQQgQPgQp8wq2ive3tV5Ag==',
  base: [
    '"@status": 503',
    `"content-digest": ${BUSY_DIGEST}`,
    '"content-type": application/json',
    '"@authority";req: example.com',
    '"@method";req: POST',
    '"@path";req: /foo',
    `"content-digest";req: ${REQUEST_DIGEST}`,
  ],
};
