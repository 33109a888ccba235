/** A party before the edge that sends `Connection` as `X-Connection` says it, which no client of a test can: they set it. */

interface Bindings {
  readonly EDGE: Fetcher;
}

export default {
  fetch(request, { EDGE }) {
    const headers = new Headers(request.headers);
    headers.set('Connection', headers.get('X-Connection') ?? '');
    headers.delete('X-Connection');
    return EDGE.fetch(new Request(request, { headers }));
  },
} satisfies ExportedHandler<Bindings>;
