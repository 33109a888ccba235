/** A Worker between two parties that logs the messages between them, so that the demo can show them. */

import type { Passage } from './passage.ts';

interface TapEnv {
  /** The party that messages are for. */
  readonly NEXT: Fetcher;
  /** Names of the parties on either side. */
  readonly FROM: string;
  readonly TO: string;
}

export default {
  async fetch(request, { NEXT, FROM, TO }) {
    const note = (kind: Passage['kind'], line: string, headers: Headers, content: ArrayBuffer): void => {
      const body = new TextDecoder('latin1').decode(content);
      const passage = {
        tap: true,
        from: FROM,
        to: TO,
        kind,
        line,
        headers: Object.fromEntries(headers),
        body,
      } as const;
      console.log(JSON.stringify(passage satisfies Passage));
    };
    const { pathname, search } = new URL(request.url);
    const { method, headers } = request;
    const requestBody = await request.arrayBuffer();
    note('request', `${method} ${pathname}${search}`, headers, requestBody);
    const body = requestBody.byteLength > 0 ? requestBody : null;
    const answer = await NEXT.fetch(new Request(request.url, { method, headers, body }));
    const answerBody = await answer.arrayBuffer();
    note('answer', String(answer.status), answer.headers, answerBody);
    return new Response(answerBody, answer);
  },
} satisfies ExportedHandler<TapEnv>;
