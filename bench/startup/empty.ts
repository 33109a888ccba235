/** A Worker that does nothing: the cost of a start that every Worker has. */

export default { fetch: () => new Response('up') } satisfies ExportedHandler;
