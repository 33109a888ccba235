/**
 * A program: `node platform-features.ts EDGE MODULE` takes features of the platform away, one after the other and all at
 * once, loads the client's MODULE without them, and registers, fetches, writes and asks who it is. It prints what came of
 * each, as JSON.
 */

type Client = typeof import('../../client/index.ts');

const [, , edge = '', module = ''] = process.argv;

/**
 * By a path from the global object: features that came to browsers after the floor of docs/clients.md, or not to all.
 * Those that Node's own fetch needs (WeakRef, Buffer, toWellFormed) are left to the compiler, by the `lib` of
 * client/tsconfig.json.
 */
const FEATURES = [
  'TextDecoder',
  'navigator',
  'structuredClone',
  'DecompressionStream',
  'FinalizationRegistry',
  'Iterator',
  'process',
  'crypto.randomUUID',
  'URL.parse',
  'URL.canParse',
  'AbortSignal.any',
  'AbortSignal.timeout',
  'AbortSignal.prototype.throwIfAborted',
  'Headers.prototype.getSetCookie',
  'Response.json',
  'Response.prototype.bytes',
  'Response.prototype.body',
  'Request.prototype.body',
  'Request.prototype.credentials',
  'Promise.any',
  'Promise.try',
  'Promise.withResolvers',
  'Object.groupBy',
  'Object.hasOwn',
  'Map.groupBy',
  'Array.fromAsync',
  'Array.prototype.at',
  'Array.prototype.findLast',
  'Array.prototype.findLastIndex',
  'Array.prototype.toReversed',
  'Array.prototype.toSorted',
  'Array.prototype.toSpliced',
  'Array.prototype.with',
  'String.prototype.at',
  'String.prototype.isWellFormed',
  'String.prototype.replaceAll',
  'Uint8Array.fromBase64',
  'Uint8Array.fromHex',
  'Uint8Array.prototype.toBase64',
  'Uint8Array.prototype.at',
  'Uint8Array.prototype.findLast',
  'Uint8Array.prototype.toReversed',
  'Uint8Array.prototype.with',
  'ArrayBuffer.prototype.resize',
  'ArrayBuffer.prototype.transfer',
  'Set.prototype.union',
  'Iterator.prototype.map',
  'Iterator.prototype.toArray',
  'RegExp.prototype.hasIndices',
  'Error.captureStackTrace',
];

/** Decoders as those of React Native: Hermes has one of UTF-8 only, and the polyfill one that cannot be strict. */
const OTHER_DECODERS: Readonly<Record<string, (...given: ConstructorParameters<typeof TextDecoder>) => void>> = {
  'a TextDecoder of UTF-8 only': (label = 'utf-8') => {
    if (!/^utf-?8$/i.test(label)) throw new RangeError(`Unknown encoding: ${label}`);
  },
  'a TextDecoder that is not strict': (_, options) => {
    if (options?.fatal) throw new Error("the 'fatal' option is unsupported");
  },
};

/** Owner and name of the property, where the object that has it, or one that it inherits from, is there. */
function find(path: string): [owner: object, name: string] | undefined {
  const names = path.split('.');
  const name = names.pop() ?? '';
  let owner: unknown = globalThis;
  for (const each of names) owner = (owner as Record<string, unknown> | undefined)?.[each];
  let holder = owner as object | null | undefined;
  while (holder && Reflect.getOwnPropertyDescriptor(holder, name) === undefined) holder = Object.getPrototypeOf(holder);
  return holder ? [holder, name] : undefined;
}

/** @returns a function that puts it back. */
function takeAway(path: string): () => void {
  const found = find(path);
  if (found === undefined) return () => undefined;
  const [owner, name] = found;
  const descriptor = Object.getOwnPropertyDescriptor(owner, name) as PropertyDescriptor;
  Reflect.deleteProperty(owner, name);
  return () => Object.defineProperty(owner, name, descriptor);
}

function replaceDecoder(check: (label?: string, options?: TextDecoderOptions) => void): () => void {
  const given = globalThis.TextDecoder;
  globalThis.TextDecoder = class extends given {
    constructor(label?: string, options?: TextDecoderOptions) {
      check(label, options);
      super(label, options);
    }
  };
  return () => {
    globalThis.TextDecoder = given;
  };
}

let loads = 0;

/** @returns what the client did, without the features. */
async function run(): Promise<string> {
  loads++;
  const { CaleClient, MemoryKeyStore } = (await import(`${module}?${loads}`)) as Client;
  const authorization = `Basic ${btoa('alice:wonderland')}`;
  const client = await CaleClient.register({ edge, authorization, subject: 'gr\u00fcn', store: new MemoryKeyStore() });
  const read = (await (await client.fetch('/resource')).json()) as { owner: string };
  const written = await client.fetch('/mirror', { method: 'POST', body: 'a body' });
  const { proof } = (await written.json()) as { proof: string };
  const { owner, device } = await client.whoami();
  return [read.owner, proof, owner, device].join(' ');
}

/** Not to be missed by this program itself. */
const { stdout } = process;

async function outcomeWithout(take: () => () => void): Promise<string> {
  const putBack = take();
  try {
    return await run();
  } catch (error) {
    const { name, message, cause } = error as Error;
    return `${name}: ${message} ${(cause as Error | undefined)?.message ?? ''}`;
  } finally {
    putBack();
  }
}

const takeAll = (): (() => void) => {
  const putBack = FEATURES.map(takeAway);
  return () => {
    for (const each of putBack.reverse()) each();
  };
};

const outcomes: Record<string, string> = { nothing: await outcomeWithout(() => () => undefined) };
for (const feature of FEATURES) outcomes[feature] = await outcomeWithout(() => takeAway(feature));
for (const [name, check] of Object.entries(OTHER_DECODERS))
  outcomes[name] = await outcomeWithout(() => replaceDecoder(check));
outcomes['all of them'] = await outcomeWithout(takeAll);
stdout.write(JSON.stringify(outcomes));
