/** An origin that prints what it is sent, as none should. */

export default {
  async fetch(request: Request): Promise<Response> {
    for (const line of [...request.headers.values(), await request.text()]) console.log(line);
    return new Response(null, { status: 403 });
  },
};
