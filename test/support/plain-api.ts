/** An API as a Worker, which knows nothing of this protocol. */

export default {
  async fetch(request) {
    const { method, url, headers } = request;
    const answer = { method, url, owner: headers.get('CALE-Owner'), body: await request.text() };
    return Response.json(answer, { status: 201, headers: { Location: 'http://api.internal/v1/next' } });
  },
} satisfies ExportedHandler;
