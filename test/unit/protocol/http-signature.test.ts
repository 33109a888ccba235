import { describe, expect, test } from 'vitest';
import { type PublicKey, parsePublicKey } from '../../../shared/crypto/keys/public-key.ts';
import { httpAlgorithms } from '../../../shared/crypto/signatures/schemes.ts';
import { parseBase64 } from '../../../shared/encoding/base64.ts';
import { parseUtf8, utf8 } from '../../../shared/encoding/bytes.ts';
import { parsePem } from '../../../shared/encoding/pem.ts';
import {
  covers,
  encodeSignatureBase,
  parseSignature,
  type RequestMessage,
  type ResponseMessage,
} from '../../../shared/protocol/http-signature.ts';
import { HttpSignatureError } from '../../../shared/protocol/signature-fields.ts';
import {
  BOUND_RESPONSE,
  BUSY_RESPONSE,
  MINIMAL,
  REQUEST,
  RESPONSE,
  type SignatureExample,
  TEST_KEY_ECC_P256,
  TEST_KEY_RSA_PSS,
  TEST_REQUEST,
  TEST_RESPONSE,
} from '../../vectors/rfc-9421.ts';

/** The parameter that the examples lack, and that this protocol asks for. */
const TAG = ';tag=""';

/**
 * The base of an example: its label, which no signature covers, is ours, and the tag is taken out again.
 * @param isRead false for components that this protocol does not have; they are left out.
 */
function baseOf(
  message: RequestMessage | ResponseMessage,
  { input }: Pick<SignatureExample, 'input'>,
  isRead: (identifier: string) => boolean = () => true,
): string[] {
  const [, list = '', parameters = ''] = /^\((.*)\)(.*)$/.exec(input) ?? [];
  const read = list.split(' ').filter(isRead).join(' ');
  const signature = parseSignature(`cale=(${read})${parameters}${TAG}`, 'cale=:AA==:');
  const lines = parseUtf8(encodeSignatureBase(signature, message)).split('\n');
  const last = lines.pop() ?? '';
  expect(last).toBe(`"@signature-params": (${read})${parameters}${TAG}`);
  return lines;
}

const keyOf = (pem: string): PublicKey => {
  const [spki = expect.unreachable('no key')] = parsePem('PUBLIC KEY', pem);
  return parsePublicKey(spki);
};

/** Verifies the published signature over the published base, by the algorithm that a key has under a name. */
async function isPublished({ base, input, signature }: SignatureExample, pem: string, alg: string): Promise<boolean> {
  const key = keyOf(pem);
  const algorithm = httpAlgorithms(key).find((each) => each.alg === alg) ?? expect.unreachable();
  const verifier = await crypto.subtle.importKey('spki', key.spki, algorithm.keyAlgorithm, false, ['verify']);
  const text = [...base, `"@signature-params": ${input}`].join('\n');
  return crypto.subtle.verify(algorithm.algorithm, verifier, parseBase64(signature), utf8(text));
}

describe('the examples of RFC 9421 are as published, and give the published base:', () => {
  test('no component, with rsa-pss-sha512 (B.2.1)', async () => {
    expect(await isPublished(MINIMAL, TEST_KEY_RSA_PSS, 'rsa-pss-sha512')).toBe(true);
    expect(baseOf(TEST_REQUEST, MINIMAL)).toEqual(MINIMAL.base);
  });

  test('a response, with ecdsa-p256-sha256 (B.2.4)', async () => {
    expect(await isPublished(RESPONSE, TEST_KEY_ECC_P256, 'ecdsa-p256-sha256')).toBe(true);
    expect(baseOf(TEST_RESPONSE, RESPONSE)).toEqual(RESPONSE.base);
  });

  // This protocol has @target-uri in place of @authority and @path.
  const isRead = (line: string) => !/^"@(authority|path)"/.test(line);

  test('a request (2.5), except for the parts of its URI', async () => {
    expect(await isPublished(REQUEST, TEST_KEY_RSA_PSS, 'rsa-pss-sha512')).toBe(true);
    expect(baseOf(TEST_REQUEST, REQUEST, isRead)).toEqual(REQUEST.base.filter(isRead));
  });

  test('a response that is bound to its request (2.4), except for the parts of its URI', async () => {
    expect(await isPublished(BOUND_RESPONSE, TEST_KEY_ECC_P256, 'ecdsa-p256-sha256')).toBe(true);
    expect(baseOf(BUSY_RESPONSE, BOUND_RESPONSE, isRead)).toEqual(BOUND_RESPONSE.base.filter(isRead));
  });
});

/** One line of a base. */
const lineOf = (message: RequestMessage | ResponseMessage, identifier: string): string => {
  const [line = ''] = baseOf(message, { input: `(${identifier});keyid=""` });
  return line.slice(`${identifier}: `.length);
};
const requestWith = (...fields: [string, string][]): RequestMessage => ({ ...TEST_REQUEST, fields });

describe('the value of a component', () => {
  test('that is derived', () => {
    // RFC 9421 2.2.1, 2.2.2, 2.2.9.
    const request = { method: 'POST', targetUri: 'https://www.example.com/path?param=value', fields: [] };
    expect(lineOf(request, '"@method"')).toBe('POST');
    expect(lineOf(request, '"@target-uri"')).toBe('https://www.example.com/path?param=value');
    const response = { status: 200, fields: [], request };
    expect(lineOf(response, '"@status"')).toBe('200');
    expect(lineOf(response, '"@method";req')).toBe('POST');
  });

  test('that is a field, without the white space around it, of one line or several', () => {
    // RFC 9421 2.1.
    const request = requestWith(
      ['host', 'www.example.com'],
      ['x-ows-header', '   Leading and trailing whitespace.   '],
      ['cache-control', 'max-age=60'],
      ['x-empty-header', ' '],
      ['cache-control', '   must-revalidate'],
      ['example-dict', ' a=1,    b=2;x=1;y=2,   c=(a   b   c)'],
    );
    expect(lineOf(request, '"x-ows-header"')).toBe('Leading and trailing whitespace.');
    expect(lineOf(request, '"cache-control"')).toBe('max-age=60, must-revalidate');
    expect(lineOf(request, '"example-dict"')).toBe('a=1,    b=2;x=1;y=2,   c=(a   b   c)');
    expect(lineOf(request, '"x-empty-header"')).toBe('');
  });

  test('that is a field as bytes tells one line from two', () => {
    // RFC 9421 2.1.3.
    const [one, two] = [
      requestWith(['example-header', 'value, with, lots, of, commas']),
      requestWith(['example-header', 'value, with, lots'], ['example-header', 'of, commas']),
    ];
    expect(lineOf(one, '"example-header"')).toBe(lineOf(two, '"example-header"'));
    expect(lineOf(one, '"example-header";bs')).toBe(':dmFsdWUsIHdpdGgsIGxvdHMsIG9mLCBjb21tYXM=:');
    expect(lineOf(two, '"example-header";bs')).toBe(':dmFsdWUsIHdpdGgsIGxvdHM=:, :b2YsIGNvbW1hcw==:');
  });

  test('that is a field as bytes has every byte of it but spaces and tabs at its ends', () => {
    // A no-break space is a byte of a value as any other (RFC 9110 5.5), and no white space around it (RFC 9110 5.6.3).
    expect(lineOf(requestWith(['x', ' \t\xa0\xff\xa0\t ']), '"x";bs')).toBe(':oP+g:');
    expect(lineOf(requestWith(['x', '']), '"x";bs')).toBe('::');
  });
});

describe('there is no base', () => {
  const noBase = (message: RequestMessage | ResponseMessage, identifier: string) =>
    expect(() => lineOf(message, identifier), identifier).toThrow(HttpSignatureError);

  test('over a component that the message lacks', () => {
    noBase(TEST_REQUEST, '"x-missing"');
    noBase(TEST_REQUEST, '"@status"');
    noBase(TEST_RESPONSE, '"@method"');
    noBase(TEST_RESPONSE, '"@target-uri"');
    noBase(TEST_RESPONSE, '"x-missing";req');
    noBase(TEST_RESPONSE, '"@status";req');
  });

  test('over a request of a request (2.4)', () => {
    noBase(TEST_REQUEST, '"@method";req');
  });

  test('over derived components of other protocols', () => {
    for (const name of ['@authority', '@scheme', '@request-target', '@path', '@query', '@signature-params']) {
      noBase(TEST_REQUEST, `"${name}"`);
    }
  });

  test('over a value with bytes that would look like another line, or are not ASCII', () => {
    for (const value of ['a\n"@method": GET', 'a\rb', 'a\0b', 'é']) noBase(requestWith(['x', value]), '"x"');
  });
});

const INPUT = 'cale=("@method" "@target-uri");keyid="k";tag="t"';
const BYTES = 'cale=:AQID:';

test('a signature is read with its parameters', () => {
  const parameters = ';created=1618884473;nonce="n";expires=-1;x;keyid="k";alg="a\\\\b";tag="t \\"u\\""';
  const signature = parseSignature(`cale=("@method" "x";bs "@method";req)${parameters}`, BYTES);
  expect(signature).toMatchObject({
    components: [
      { name: '@method', req: false, bs: false },
      { name: 'x', req: false, bs: true },
      { name: '@method', req: true, bs: false },
    ],
    signature: Uint8Array.of(1, 2, 3),
    keyid: 'k',
    tag: 't "u"',
    alg: 'a\\b',
    created: 1618884473,
    expires: -1,
  });
});

test('the base has all parameters in their order, those that are not known too', () => {
  const parameters = ';created=1;nonce="n";x;y=?0;z=:AA==:;keyid="k";n=-1.5;tag="t"';
  const signature = parseSignature(`cale=()${parameters}`, BYTES);
  expect(parseUtf8(encodeSignatureBase(signature, TEST_REQUEST))).toBe(`"@signature-params": ()${parameters}`);
});

test('a component is covered as it is named, with its parameters', () => {
  const signature = parseSignature('cale=("a" "b";req "c";bs);keyid="";tag=""', BYTES);
  expect(covers(signature, { name: 'a' })).toBe(true);
  expect(covers(signature, { name: 'b', req: true })).toBe(true);
  expect(covers(signature, { name: 'c', bs: true })).toBe(true);
  for (const other of [
    { name: 'a', req: true },
    { name: 'b' },
    { name: 'c' },
    { name: 'a', bs: true },
    { name: 'd' },
  ]) {
    expect(covers(signature, other)).toBe(false);
  }
});

describe('signatures under other labels', () => {
  test('may stand beside ours, before and behind it', () => {
    const others = 'sig1=("@path";x);keyid=1, cale2=(), xcale, *a="cale=()"';
    for (const input of [`${INPUT}, ${others}`, `${others}, ${INPUT}`]) {
      for (const bytes of [`${BYTES}, sig1=:AA==:`, `sig1=:AA==:,\t${BYTES}`]) {
        expect(parseSignature(input, bytes).keyid).toBe('k');
      }
    }
  });
});

describe('is refused:', () => {
  const refused = (input: string, bytes = BYTES) =>
    expect(() => parseSignature(input, bytes), `${input} ${bytes}`).toThrow(HttpSignatureError);
  const inputOf = (list: string, parameters = ';keyid="k";tag="t"') => `cale=(${list})${parameters}`;

  test('no signature under our label', () => {
    refused('');
    refused('', '');
    refused(INPUT, '');
    refused(INPUT, 'sig1=:AA==:');
    refused(INPUT.replace('cale', 'sig1'));
    refused(INPUT.replace('cale', 'CALE'));
  });

  test('a signature that is doubled', () => {
    refused(`${INPUT}, ${INPUT}`);
    refused(`${INPUT},\t${INPUT}`);
    refused(`sig1=(), ${INPUT},${INPUT}`);
    refused(`cale, ${INPUT}`);
    refused(`cale,${INPUT}`);
    refused(`cale;a=1, ${INPUT}`);
    refused(`${INPUT}, cale=?0`);
    refused(INPUT, `${BYTES}, ${BYTES}`);
    refused(INPUT, `cale,${BYTES}`);
  });

  test('a list that is none', () => {
    for (const value of ['cale', 'cale=1', 'cale="x"', 'cale=("@method"', 'cale=x', 'cale=:AA==:']) {
      refused(`${value};keyid="k";tag="t"`);
    }
  });

  test('bytes that are none', () => {
    for (const value of ['', '=1', '="AQID"', '=(:AQID:)', '=AQID', '=:AQID', '=:A-_D:', '=?1']) {
      refused(INPUT, `cale${value}`);
    }
  });

  test('a string with an escape that is none, or without its end', () => {
    for (const text of ['\\a', '\\', 'a"b']) refused(inputOf('"@method"', `;keyid="${text}";tag="t"`));
  });

  test('fields that are no dictionaries', () => {
    for (const end of [',', ', ', ' x', ', "x"', ', =1', ', A=1', ';', ', x=', ', x=(']) {
      refused(`${INPUT}${end}`);
      refused(INPUT, `${BYTES}${end}`);
    }
    for (const start of [',', '\t', 'é, ', '\u212aale, ']) {
      refused(`${start}${INPUT}`);
      refused(INPUT, `${start}${BYTES}`);
    }
  });

  test('a component twice, in whatever order its parameters are', () => {
    refused(inputOf('"@method" "x" "@method"'));
    refused(inputOf('"@method";req "@method";req'));
    refused(inputOf('"x";bs;req "x";req;bs'));
    expect(parseSignature(inputOf('"x" "x";req "x";bs "x";bs;req'), BYTES).components).toHaveLength(4);
  });

  test('a parameter of a component that is not known, or has a value', () => {
    for (const parameter of ['sf', 'tr', 'key="a"', 'name="Pet"', 'req=?0', 'req=1', 'bs="x"', 'bs;sf']) {
      refused(inputOf(`"x";${parameter}`));
    }
    // B.2.2.
    refused(inputOf('"@authority" "content-digest" "@query-param";name="Pet"'));
  });

  test('a component that is no name of a field in lower case', () => {
    for (const name of ['"Content-Digest"', '"@Method"', 'x', '1', ':AA==:', '?1', '("x")']) refused(inputOf(name));
  });

  test('no keyid, or no tag', () => {
    refused(inputOf('"@method"', ';tag="t"'));
    refused(inputOf('"@method"', ';keyid="k"'));
    refused(inputOf('"@method"', ''));
    // B.2.4.
    refused(`cale=${RESPONSE.input}`);
  });

  test('a parameter of another type', () => {
    for (const wrong of ['k', '1', ':AA==:', '?1', '1.5']) {
      refused(inputOf('"@method"', `;keyid=${wrong};tag="t"`));
      refused(inputOf('"@method"', `;keyid="k";tag=${wrong}`));
      refused(inputOf('"@method"', `;keyid="k";tag="t";alg=${wrong}`));
    }
    refused(inputOf('"@method"', ';keyid;tag="t"'));
    for (const wrong of ['"1"', '1.5', '?1', 'x', '@1618884473', ':AA==:', '1234567890123456']) {
      refused(inputOf('"@method"', `;keyid="k";tag="t";created=${wrong}`));
      refused(inputOf('"@method"', `;keyid="k";tag="t";expires=${wrong}`));
    }
  });

  test('a parameter twice', () => {
    refused(inputOf('"@method"', ';keyid="k";tag="t";keyid="k"'));
    refused(inputOf('"x";req;req'));
    refused(`sig1=();a;b;a, ${INPUT}`);
  });

  test('a string with a character that is none of strings', () => {
    for (const character of ['\t', '\x7f', 'é', '\u212a']) {
      refused(inputOf(`"x${character}"`));
      refused(inputOf('"@method"', `;keyid="k";tag="t";x="${character}"`));
    }
  });

  test('more than is read, and no less', () => {
    const padded = (field: string, length: number) => `${field}, x="${'x'.repeat(length - field.length - 6)}"`;
    expect(padded(INPUT, 8192)).toHaveLength(8192);
    expect(parseSignature(padded(INPUT, 8192), padded(BYTES, 8192)).keyid).toBe('k');
    refused(padded(INPUT, 8193));
    refused(INPUT, padded(BYTES, 8193));
    const names = (count: number) => Array.from({ length: count }, (_, at) => `"x${at}"`).join(' ');
    expect(parseSignature(inputOf(names(128)), BYTES).components).toHaveLength(128);
    refused(inputOf(names(129)));
    // RFC 8941 3.1.2.
    const parameters = (count: number) =>
      `;keyid="k";tag="t"${Array.from({ length: count - 2 }, (_, at) => `;x${at}`).join('')}`;
    expect(parseSignature(inputOf('"@method"', parameters(256)), BYTES).keyid).toBe('k');
    refused(inputOf('"@method"', parameters(257)));
  });
});
