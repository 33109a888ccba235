/**
 * HTTP Message Signatures (RFC 9421), as far as this protocol has them: one signature, under the label `cale`, over
 * derived components and whole fields.
 */

import { encodeBase64 } from '../encoding/base64.ts';
import { utf8 } from '../encoding/bytes.ts';
import { encodeLatin1, isLatin1 } from '../encoding/latin1.ts';
import { HttpSignatureError, type InnerList, parseBytes, parseInnerList } from './signature-fields.ts';

/** Field lines by lower-case name, in their order. */
export type FieldLines = readonly (readonly [name: string, value: string])[];

/** A request as its signature covers it. */
export interface RequestMessage {
  readonly method: string;
  readonly targetUri: string;
  readonly fields: FieldLines;
}

/** An answer as its signature covers it, with the request that it answers. */
export interface ResponseMessage {
  readonly status: number;
  readonly fields: FieldLines;
  readonly request: RequestMessage;
}

/** A component identifier (RFC 9421 2). */
export interface Component {
  /** Name of a field in lower case, or of a derived component: `@method`, `@target-uri`, `@status`. */
  readonly name: string;
  /** Of the request that an answer belongs to (2.4). */
  readonly req?: boolean;
  /** Each line of the field as a byte sequence (2.1.3), for values that cannot be joined or are not ASCII. */
  readonly bs?: boolean;
}

/** The parameters of a signature that this protocol knows (RFC 9421 2.3). */
export interface SignatureParameters {
  readonly keyid: string;
  readonly tag: string;
  readonly alg: string | undefined;
  /** Unix seconds. */
  readonly created: number | undefined;
  /** Unix seconds. */
  readonly expires: number | undefined;
}

/** The two fields of a signature. */
export interface SignatureFields {
  readonly 'signature-input': string;
  readonly signature: string;
}

const LABEL = 'cale';

const identifierOf = ({ name, req, bs }: Component): string => `"${name}"${bs ? ';bs' : ''}${req ? ';req' : ''}`;

const isRequest = (message: RequestMessage | ResponseMessage): message is RequestMessage => 'method' in message;

/** @returns the value of a component; undefined when the message has none. */
function componentValue(message: RequestMessage | ResponseMessage, component: Component): string | undefined {
  const { name, req, bs } = component;
  if (req && isRequest(message)) return undefined;
  const source = req && !isRequest(message) ? message.request : message;
  if (name === '@status') return isRequest(source) ? undefined : String(source.status);
  if (name === '@method') return isRequest(source) ? source.method : undefined;
  if (name === '@target-uri') return isRequest(source) ? source.targetUri : undefined;
  return combinedField(source.fields, name, bs ? encodeLine : trimmed);
}

/**
 * @param encode of each line.
 * @returns the lines of a field behind one another (RFC 9110 5.3); undefined when there are none.
 */
export function combinedField(fields: FieldLines, name: string, encode = trimmed): string | undefined {
  let combined: string | undefined;
  for (const [each, value] of fields) {
    if (each === name) combined = combined === undefined ? encode(value) : `${combined}, ${encode(value)}`;
  }
  return combined;
}

const encodeLine = (value: string): string => `:${encodeBase64(bytesOf(trimmed(value)))}:`;

/** Without spaces and tabs around it (RFC 9110 5.6.3). String.trim would take no-break spaces too, which are of the value. */
function trimmed(value: string): string {
  let [start, end] = [0, value.length];
  while (isWhiteSpace(value[start])) start++;
  while (end > start && isWhiteSpace(value[end - 1])) end--;
  return value.slice(start, end);
}

const isWhiteSpace = (character: string | undefined): boolean => character === ' ' || character === '\t';

/** Field values are bytes, which Fetch shows as characters of the same numbers; others are taken as UTF-8. */
const bytesOf = (text: string): Uint8Array => (isLatin1(text) ? encodeLatin1(text) : utf8(text));

/** Signature base (RFC 9421 2.5). @throws {HttpSignatureError} when the message lacks a component. */
function encodeBase(
  message: RequestMessage | ResponseMessage,
  components: readonly Component[],
  parameters: string,
): Uint8Array<ArrayBuffer> {
  let lines = '';
  for (const component of components) {
    const value = componentValue(message, component);
    if (value === undefined || /[^\x20-\x7e\t]/.test(value)) throw new HttpSignatureError(`no ${component.name}`);
    lines += `${identifierOf(component)}: ${value}\n`;
  }
  return utf8(`${lines}"@signature-params": ${parameters}`);
}

/**
 * @param parameters strings without quotes and backslashes.
 * @param sign gives the signature over the base, in the form of RFC 9421 3.3.
 */
export async function signMessage(
  message: RequestMessage | ResponseMessage,
  components: readonly Component[],
  { keyid, tag, alg, created }: Pick<SignatureParameters, 'keyid' | 'tag' | 'alg'> & { readonly created?: number },
  sign: (base: Uint8Array<ArrayBuffer>) => Promise<Uint8Array>,
): Promise<SignatureFields> {
  const algorithm = alg === undefined ? '' : `;alg="${alg}"`;
  const time = created === undefined ? '' : `;created=${created}`;
  const parameters = `(${components.map(identifierOf).join(' ')})${time};keyid="${keyid}"${algorithm};tag="${tag}"`;
  const signature = await sign(encodeBase(message, components, parameters));
  return { 'signature-input': `${LABEL}=${parameters}`, signature: `${LABEL}=:${encodeBase64(signature)}:` };
}

/** A signature as it came, not verified. */
export interface ParsedSignature extends SignatureParameters {
  readonly components: readonly Component[];
  readonly signature: Uint8Array<ArrayBuffer>;
  /** @throws {HttpSignatureError} when the message lacks a component. */
  encodeBase(message: RequestMessage | ResponseMessage): Uint8Array<ArrayBuffer>;
}

const MAX_COMPONENTS = 128;

/**
 * @param signatureInput value of `Signature-Input`.
 * @param signature value of `Signature`.
 * @throws {HttpSignatureError} unless they hold one signature under the label, over components of this protocol's kinds,
 *   each once.
 */
export function parseSignature(signatureInput: string, signature: string): ParsedSignature {
  const input = parseInnerList(signatureInput, LABEL);
  const components = parseComponents(input);
  const text = (name: string) => expectType(input.parameters.get(name), 'string');
  const time = (name: string) => expectType(input.parameters.get(name), 'number');
  const [keyid, tag] = [text('keyid'), text('tag')];
  if (keyid === undefined || tag === undefined) throw new HttpSignatureError('no keyid or no tag');
  return {
    components,
    signature: parseBytes(signature, LABEL),
    keyid,
    tag,
    alg: text('alg'),
    created: time('created'),
    expires: time('expires'),
    encodeBase: (message) => encodeBase(message, components, input.text),
  };
}

function parseComponents({ items }: InnerList): Component[] {
  if (items.length > MAX_COMPONENTS) throw new HttpSignatureError('too many components');
  /** Forms that a name was there in: a bit for each pair of parameters. */
  const forms = new Map<string, number>();
  const components: Component[] = [];
  for (const [name, parameters] of items) {
    const req = parameters.get('req') === true;
    const bs = parameters.get('bs') === true;
    const isKnown = parameters.size === Number(req) + Number(bs);
    if (typeof name !== 'string' || /[A-Z]/.test(name) || !isKnown) {
      throw new HttpSignatureError('component of another kind');
    }
    const seen = forms.get(name) ?? 0;
    const form = 1 << (Number(req) + 2 * Number(bs));
    if ((seen & form) !== 0) throw new HttpSignatureError('component twice');
    forms.set(name, seen | form);
    components.push({ name, req, bs });
  }
  return components;
}

interface ParameterTypes {
  readonly string: string;
  readonly number: number;
}

function expectType<T extends keyof ParameterTypes>(value: unknown, type: T): ParameterTypes[T] | undefined {
  if (value === undefined) return undefined;
  const isOfType = typeof value === type && (type !== 'number' || Number.isInteger(value));
  if (!isOfType) throw new HttpSignatureError('signature parameter of another type');
  return value as ParameterTypes[T];
}

/** True when the signature covers the component. */
export const covers = ({ components }: ParsedSignature, wanted: Component): boolean =>
  components.some(({ name, req = false, bs = false }) => {
    return name === wanted.name && req === (wanted.req ?? false) && bs === (wanted.bs ?? false);
  });
