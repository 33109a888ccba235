/** A Worker in the place of others: it hands every request on to one of them, and to another one from one request to the next. */

interface Env {
  readonly [slot: `SLOT_${number}`]: Fetcher;
}

let current = 0;

export default {
  async fetch(request: Request, env: Env): Promise<Response> {
    const [, number] = /^https:\/\/switch\/(\d+)$/.exec(request.url) ?? [];
    if (number === undefined) return env[`SLOT_${current}`]?.fetch(request) ?? Response.error();
    current = Number(number);
    return new Response(null, { status: 204 });
  },
};
