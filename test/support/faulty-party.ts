/** A party that does not do its part, in the way that a test asks for by `https://fault/FAULT`. */

/** Every way. */
export type PartyFault = keyof typeof FAULTS;

let current: PartyFault = 'throws';

/** The fields of a sealed answer, so that the edge hands the body on. */
const SEALED = {
  'Content-Type': 'application/pkcs7-mime; smime-type=authEnveloped-data; name="smime.p7m"',
};

/** A stream of one chunk, which then does what `end` says. */
const streamOf = (end: (controller: ReadableStreamDefaultController<Uint8Array>) => void) =>
  new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(new TextEncoder().encode('part'));
      end(controller);
    },
  });

const FAULTS = {
  throws(): Response {
    throw new Error('secret reason in /srv/party.js');
  },
  fails: () => new Response('secret reason', { status: 500 }),
  'answers in the clear': () => new Response('secret content', { headers: { 'Content-Type': 'text/plain' } }),
  'answers garbage': () => new Response('\u0000\ufffd{', { headers: { 'Content-Type': 'application/json' } }),
  hangs: () => new Promise<Response>(() => undefined),
  'breaks its body off': () =>
    new Response(
      streamOf((controller) => controller.error(new Error('secret reason'))),
      { headers: SEALED },
    ),
} satisfies Record<string, () => Response | Promise<Response>>;

export default {
  async fetch({ url }) {
    const { hostname, pathname } = new URL(url);
    if (hostname === 'fault') {
      current = decodeURIComponent(pathname.slice(1)) as PartyFault;
      return new Response(null, { status: 204 });
    }
    // workerd ends a request that waits for nothing.
    const held = current === 'hangs' ? setInterval(() => undefined, 1000) : undefined;
    try {
      return await FAULTS[current]();
    } finally {
      clearInterval(held);
    }
  },
} satisfies ExportedHandler;
