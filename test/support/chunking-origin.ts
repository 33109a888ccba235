/** Stands before the origin, and sends its answers on in chunks, as a proxy may. */

interface Env {
  readonly BEHIND: Fetcher;
}

export default {
  async fetch(request: Request, { BEHIND }: Env): Promise<Response> {
    if (new URL(request.url).pathname === '/not-sealed') return new Response('not sealed', { status: 404 });
    const answer = await BEHIND.fetch(request);
    return new Response(answer.body?.pipeThrough(new TransformStream()) ?? null, answer);
  },
};
