/** The bindings that the code of these Workers names. The settings are read and checked by cale-workers. */
declare namespace Cloudflare {
  interface Env {
    RESOURCE: Fetcher;
    AUTHORITY_CERTIFICATES: string;
  }
}
