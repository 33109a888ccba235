/**
 * A Worker with the two bindings that an edge has to the authority: `https://authority/` and `https://administration/` lead
 * to one each, `https://rpc/NAME` asks for a property of the authority's default entrypoint, and calls its `fetch`.
 */

interface Env {
  readonly AUTHORITY: Fetcher & Readonly<Record<string, Fetcher>>;
  readonly ADMINISTRATION: Fetcher;
}

export default {
  async fetch(request, { AUTHORITY, ADMINISTRATION }) {
    const { hostname, pathname } = new URL(request.url);
    if (hostname === 'administration') return ADMINISTRATION.fetch(request);
    if (hostname === 'authority') return AUTHORITY.fetch(request);
    try {
      return (
        (await AUTHORITY[pathname.slice(1)]?.fetch(new Request('https://authority/admin/status'))) ?? Response.error()
      );
    } catch (error) {
      return new Response(String(error), { status: 500 });
    }
  },
} satisfies ExportedHandler<Env>;
