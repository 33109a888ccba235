/**
 * The version of what goes over the wire between clients and an edge, by Semantic Versioning: `/.well-known/cale/openapi.json`
 * says it, and CHANGELOG.md what changed with it. No message carries it: parties of different versions tell by the document
 * `/.well-known/cale` and by header fields what the other one can do.
 */
export const WIRE_VERSION = '0.2.0';
