/** A Worker that does nothing: what a start costs whoever starts. */

export default { fetch: () => new Response('up') } satisfies ExportedHandler;
