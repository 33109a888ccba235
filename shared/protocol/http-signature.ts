/**
 * HTTP Message Signatures (RFC 9421), as far as this protocol has them: one signature, under the label `cale`, over
 * derived components and whole fields.
 */

import { encodeBase64 } from '../encoding/base64.ts';
import { utf8 } from '../encoding/bytes.ts';
import { encodeLatin1, isLatin1 } from '../encoding/latin1.ts';
import {
  HttpSignatureError,
  type InnerList,
  type Parameters,
  parameterOf,
  parseBytes,
  parseInnerList,
} from './signature-fields.ts';

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

/** A request or an answer, where it does not matter which. */
interface Message extends Partial<Omit<RequestMessage, 'fields'>> {
  readonly fields: FieldLines;
  readonly status?: number;
  readonly request?: Message;
}

/** @returns the value of a component; undefined when the message has none. */
function componentValue(message: Message, { name, req, bs }: Component): string | undefined {
  const source = req ? message.request : message;
  if (source === undefined) return undefined;
  if (name === '@status') return source.status?.toString();
  if (name === '@method') return source.method;
  if (name === '@target-uri') return source.targetUri;
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
  let start = 0;
  let end = value.length;
  while (isWhiteSpace(value[start])) start++;
  while (end > start && isWhiteSpace(value[end - 1])) end--;
  return value.slice(start, end);
}

const isWhiteSpace = (character: string | undefined): boolean => character === ' ' || character === '\t';

/** Field values are bytes, which Fetch shows as characters of the same numbers; others are taken as UTF-8. */
const bytesOf = (text: string): Uint8Array => (isLatin1(text) ? encodeLatin1(text) : utf8(text));

/** The components of a signature, as the base has them. */
interface Covered {
  /** The identifiers behind one another. */
  readonly list: string;
  /** A line each. */
  readonly lines: string;
}

/** Characters that a value in the base must not have: it is lines of ASCII. */
export const NOT_IN_BASE = /[^\x20-\x7e\t]/;

/** @throws {HttpSignatureError} when the message lacks a component. */
function encodeComponents(message: RequestMessage | ResponseMessage, components: readonly Component[]): Covered {
  let list = '';
  let lines = '';
  for (const component of components) {
    const value = componentValue(message, component);
    if (value === undefined || NOT_IN_BASE.test(value)) throw new HttpSignatureError(`no ${component.name}`);
    const identifier = identifierOf(component);
    list += ` ${identifier}`;
    lines += `${identifier}: ${value}\n`;
  }
  return { list: list.slice(1), lines };
}

/** Signature base (RFC 9421 2.5). */
const encodeBase = ({ lines }: Covered, parameters: string): Uint8Array<ArrayBuffer> =>
  utf8(`${lines}"@signature-params": ${parameters}`);

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
  const covered = encodeComponents(message, components);
  const algorithm = alg === undefined ? '' : `;alg="${alg}"`;
  const time = created === undefined ? '' : `;created=${created}`;
  const parameters = `(${covered.list})${time};keyid="${keyid}"${algorithm};tag="${tag}"`;
  const signature = await sign(encodeBase(covered, parameters));
  return { 'signature-input': `${LABEL}=${parameters}`, signature: `${LABEL}=:${encodeBase64(signature)}:` };
}

/** A signature as it came, not verified. */
export interface ParsedSignature extends SignatureParameters {
  readonly components: readonly Component[];
  readonly signature: Uint8Array<ArrayBuffer>;
  /** The list of components with all parameters, as it came. */
  readonly input: string;
}

const MAX_COMPONENTS = 128;

/** As {@link parseSignature}, of the fields of a message. */
export const parseSignatureFields = (fields: FieldLines): ParsedSignature =>
  parseSignature(combinedField(fields, 'signature-input') ?? '', combinedField(fields, 'signature') ?? '');

/**
 * @param signatureInput value of `Signature-Input`.
 * @param signature value of `Signature`.
 * @throws {HttpSignatureError} unless they hold one signature under the label, over components of this protocol's kinds,
 *   each once.
 */
export function parseSignature(signatureInput: string, signature: string): ParsedSignature {
  const { items, parameters, text } = parseInnerList(signatureInput, LABEL);
  const components = parseComponents(items);
  const keyid = parameter(parameters, 'keyid', 'string');
  const tag = parameter(parameters, 'tag', 'string');
  if (keyid === undefined || tag === undefined) throw new HttpSignatureError('no keyid or no tag');
  return {
    components,
    signature: parseBytes(signature, LABEL),
    keyid,
    tag,
    alg: parameter(parameters, 'alg', 'string'),
    created: parameter(parameters, 'created', 'number'),
    expires: parameter(parameters, 'expires', 'number'),
    input: text,
  };
}

/**
 * Signature base (RFC 9421 2.5) by which a signature is verified.
 * @throws {HttpSignatureError} when the message lacks a component.
 */
export const encodeSignatureBase = (
  { components, input }: ParsedSignature,
  message: RequestMessage | ResponseMessage,
): Uint8Array<ArrayBuffer> => encodeBase(encodeComponents(message, components), input);

function parseComponents(items: InnerList['items']): Component[] {
  if (items.length > MAX_COMPONENTS) throw new HttpSignatureError('too many components');
  const components: Component[] = [];
  for (const [name, parameters] of items) {
    const req = parameterOf(parameters, 'req') === true;
    const bs = parameterOf(parameters, 'bs') === true;
    const isKnown = parameters.length === Number(req) + Number(bs);
    if (typeof name !== 'string' || UPPER_CASE.test(name) || !isKnown) {
      throw new HttpSignatureError('component of another kind');
    }
    const component = { name, req, bs };
    if (covers({ components }, component)) throw new HttpSignatureError('component twice');
    components.push(component);
  }
  return components;
}

const UPPER_CASE = /[A-Z]/;

interface ParameterTypes {
  readonly string: string;
  readonly number: number;
}

function parameter<T extends keyof ParameterTypes>(
  parameters: Parameters,
  name: string,
  type: T,
): ParameterTypes[T] | undefined {
  const value = parameterOf(parameters, name);
  if (value === undefined) return undefined;
  const isOfType = typeof value === type && (type !== 'number' || Number.isInteger(value));
  if (!isOfType) throw new HttpSignatureError('signature parameter of another type');
  return value as unknown as ParameterTypes[T];
}

/** True when the signature covers the component. */
export const covers = (
  { components }: Pick<ParsedSignature, 'components'>,
  { name, req = false, bs = false }: Component,
): boolean => components.some((each) => each.name === name && each.req === req && each.bs === bs);
