/** What each setting means, in words. Ranges, choices, defaults and what is needed come from the code: see page.ts. */

import type { WorkerName } from './environments.ts';

/** Meanings by name. Links are relative to docs/. */
export interface Meanings {
  readonly variables: Readonly<Record<string, string>>;
  readonly secrets: Readonly<Record<string, string>>;
  readonly bindings: Readonly<Record<string, string>>;
}

const LOG_SAMPLE_PERCENT =
  'Percent of the answered requests that have a [line in the log](operations.md#one-line-a-request). What is refused, or ' +
  'fails, always has its line.';

const METRICS = 'Gets one data point a request: see [metrics](operations.md#metrics). No configuration has it.';

const TRUSTED =
  "The authority's issuing certificates that are trusted, in PEM. No chain is built: a root among them would only be " +
  'trusted to issue by itself.';

/** Of an origin, and of the gateway, which is one. */
const ORIGIN: Meanings = {
  variables: {
    UNSAFE_METHODS:
      'Proof that methods other than GET, HEAD and OPTIONS take, in sealed requests too, whose method the edge does not ' +
      'know. `signed`: a signature by the registered key, which is verified here. `refuse`: none will do. `allow`: no more ' +
      'than a GUID; the edge has to allow it as well.',
    LOG_SAMPLE_PERCENT,
  },
  secrets: {
    AUTHORITY_CERTIFICATES: TRUSTED,
    ORIGIN_SIGNING_KEY:
      'Private key that signs answers, PKCS#8 in PEM. Set it together with its certificates, or none of them: answers are not ' +
      'signed then. An origin that has signed once has to go on: a client that registered while it did takes no unsigned ' +
      'answer.',
    ORIGIN_SIGNING_CERTIFICATES:
      "Where there is the key: its certificates, in PEM. The first is the key's; clients are told of all.",
    ORIGIN_ENCRYPTION_KEY:
      'One or more EC private keys that open sealed requests, PKCS#8 in PEM. Set them together with their certificates, or ' +
      'none of them: no sealed request is taken then.',
    ORIGIN_ENCRYPTION_CERTIFICATES:
      "Where there are the keys: their certificates in the keys' order, in PEM. Clients are told of the first.",
  },
  bindings: {
    DECOYS:
      'Forms of answers, without their content, so that [decoys](operations.md#decoys) look like answers when an isolate ' +
      'starts.',
    METRICS,
  },
};

export const MEANINGS: Readonly<Record<WorkerName, Meanings>> = {
  edge: {
    variables: {
      ORGANIZATION:
        'Domain of the organisation, in lower case, of at most 100 characters: the DC of every certificate. The authority ' +
        'has the same.',
      IDENTITY_METHODS: 'Methods of proving an identity at registration: any of `basic` and `bearer`, at least one.',
      BEARER_ISSUER: 'Where `bearer` is among the methods: the `iss` of tokens.',
      BEARER_AUDIENCE: 'Where `bearer` is among the methods: the audience that tokens must name.',
      BEARER_JWKS_URL:
        "Where `bearer` is among the methods: https URL of the issuer's keys. Several may fit a token, and keys need no " +
        '`kid`.',
      BEARER_TYPE:
        'The `typ` in the header of access tokens: that of RFC 9068, another one, or `any`, which takes tokens without ' +
        'one too.',
      BEARER_MAX_AGE_SECONDS: 'Seconds since a token was issued, by its `iat`, up to which it registers. 0: any age.',
      BEARER_SCOPE_CLAIM:
        'The claim with the scopes, such as `roles` or `permissions`. Without it: `scope`, or else `scp`.',
      TLS_CIPHER:
        'Fixes the TLS cipher where no TLS is terminated, or by a [proxy](operations.md#proxies), such as ' +
        '`ECDHE-RSA-AES256-GCM-SHA384`. Without it: what the connection negotiated.',
      UNSAFE_METHODS:
        'Proof that [methods other than GET, HEAD and OPTIONS](protocol/standard-request.md#methods) take. `signed`: a ' +
        'signature by the registered key. `refuse`: none will do. `allow`: no more than a GUID; the origin has to allow it ' +
        'as well. Of sealed requests only the origin knows the method.',
      CBC_CIPHERS:
        '`refuse`: TLS ciphers with CBC get 400. Production is advised to refuse them, because answers in AES-CBC can be ' +
        'altered.',
      ALLOWED_ORIGINS: '[Web origins](operations.md#web-origins) that browsers may call from; `*`: any.',
      UPSTREAM_DEADLINE_MS:
        'Milliseconds that authority and origin may take to [begin an answer](operations.md#deadlines).',
      RATE_LIMITS: '`on`: the five [limiters](operations.md#limits) have to be bound. `off`: none of them is used.',
      CLIENT_ADDRESS_FIELD:
        'The header field in which a trusted [proxy](operations.md#proxies) in front says the address of the client.',
      LOG_SAMPLE_PERCENT,
      ACCESS_TEAM_DOMAIN:
        'Team of [Cloudflare Access](operations.md#cloudflare-access) in front of `/admin`, such as ' +
        '`acme.cloudflareaccess.com`. Set it together with `ACCESS_AUDIENCE`, or none of them.',
      ACCESS_AUDIENCE: 'Audience tag of the application at Access. Set it together with `ACCESS_TEAM_DOMAIN`.',
      DEMO: "`on`: the tour at `/`, with a development machine's users and token. A project of `cale init` has no such setting.",
    },
    secrets: {
      BASIC_USERS:
        'Where `basic` is among the methods: the users, as JSON: ' +
        '`{"alice": {"password": "$scrypt$…", "scopes": ["read"]}}`. `npm run -s hash-password` makes the hash. All have ' +
        'the same cost.',
      ADMIN_TOKEN: 'Opens `/admin`, under the name `administrator`.',
      ADMIN_TOKENS:
        'Tokens of [several administrators](operations.md#administrators-with-tokens-of-their-own), as JSON: ' +
        '`{"alice": "token"}`. A token has 16 or more printable characters of ASCII, without spaces.',
    },
    bindings: {
      AUTHORITY: 'The authority.',
      ADMINISTRATION:
        "The authority's entrypoint `Administration`. Without it, or without a token, there is no `/admin` at this edge.",
      ORIGIN: 'The origin, or the gateway: what every request that is none of the protocol is forwarded to.',
      PASSWORDS:
        'Where `basic` is among the methods: objects of the class `PasswordGuard`, one for each user name, which ' +
        '[check passwords](operations.md#wrong-passwords).',
      REGISTRATION_LIMITER:
        'Unless `RATE_LIMITS` is `off`: [limit](operations.md#limits) of registrations and administration, for a network.',
      REQUEST_LIMITER: 'Unless `RATE_LIMITS` is `off`: limit of all other requests, for a network.',
      SITE_LIMITER: 'Unless `RATE_LIMITS` is `off`: limit of all requests, for the /48 of an IPv6 client.',
      GUID_LIMITER: 'Unless `RATE_LIMITS` is `off`: limit of requests with a GUID, for a GUID in a network.',
      OWNER_LIMITER:
        'Unless `RATE_LIMITS` is `off`: limit of registrations whose proof of identity is good, for an owner.',
      METRICS,
    },
  },
  authority: {
    variables: {
      ORGANIZATION: "Domain of the organisation, the same as the edge's. Certificates for decoys name it.",
      CERTIFICATE_LIFETIME_SECONDS:
        'Seconds that a certificate for one request is valid. It loses up to one second at its start.',
      CREDENTIAL_LIFETIME_DAYS:
        'Days that a credential lasts, from its registration or renewal. 0: it never ends. Another value holds for what is ' +
        'registered from then on.',
      CREDENTIALS_PER_OWNER: 'Valid credentials that an owner may have.',
      AUTHORITY_SHARDS:
        'Number of Durable Objects that share the credentials. Where there are credentials, change it only by ' +
        '[these steps](operations.md#changing-the-number-of-shards).',
      SHARD_PLACEMENT:
        'How a GUID gets its shard. `prefix`: by its first 32 bits, where there are credentials of version 0.1.',
      PREVIOUS_AUTHORITY_SHARDS: 'While credentials move: the number of shards that they come from. 0: none moves.',
      PREVIOUS_SHARD_PLACEMENT:
        'While credentials move: the placement that they come from. Without it: that of `SHARD_PLACEMENT`.',
      REVOCATION_DELAY_SECONDS:
        'Seconds for which an isolate may answer from what it read of a GUID before: a revocation is ' +
        '[known so much later](performance.md#distance). 0: each request asks the shard.',
      STORAGE_DEADLINE_MS: 'Milliseconds that a Durable Object or KV may take for one call.',
      AUTHORITY_LOCATION:
        '[Region](operations.md#shards) near which Durable Objects come into being. Without it: near the first client. Set ' +
        'it before the first registration.',
      AUTHORITY_JURISDICTION:
        'Where Durable Objects run and store, for good. Without it: anywhere. With another value no credential is found any ' +
        'more.',
      LOG_SAMPLE_PERCENT,
    },
    secrets: {
      AUTHORITY_KEY: 'Private key that issues certificates, PKCS#8 in PEM, not encrypted.',
      AUTHORITY_CERTIFICATES:
        'Certificates in PEM. First that of `AUTHORITY_KEY`; behind it the other issuing ones, those by which one root ' +
        'certifies the next, and the roots last. All are [published](protocol/well-known.md).',
      DECOY_SECRET:
        'Base64 of 32 random bytes or more. Who has it can tell decoys from answers. With another one every unknown GUID ' +
        'gets another decoy, so change it only when it has leaked.',
    },
    bindings: {
      SHARDS: 'Objects of the class `CredentialShard`: the credentials.',
      OWNERS: "Objects of the class `ResourceOwner`: the list of each owner's credentials.",
      CATALOGUE: 'CSRs, identities and states of credentials: see [storage](protocol/storage.md).',
      METRICS,
    },
  },
  origin: {
    variables: {
      ...ORIGIN.variables,
      ANSWER_DEADLINE_MS:
        "Milliseconds that the application may take for an answer with its body. It has to be below the edge's " +
        '[`UPSTREAM_DEADLINE_MS`](operations.md#deadlines).',
    },
    secrets: ORIGIN.secrets,
    bindings: {
      ...ORIGIN.bindings,
      RESOURCE: 'The resource server. An origin of your own needs no such binding.',
    },
  },
  resource: {
    variables: {},
    secrets: { AUTHORITY_CERTIFICATES: TRUSTED },
    bindings: {},
  },
  gateway: {
    variables: {
      UPSTREAM: 'URL of the API that everything is passed on to. Set it, or `UPSTREAMS`.',
      UPSTREAMS:
        'Several APIs by path prefix, as JSON or spelled out in the configuration: see ' +
        '[several APIs](gateway.md#several-apis). An entry can name further secrets and bindings of this Worker.',
      UPSTREAM_AUTH:
        'How an API knows who calls, where there is a secret: by a bearer token, or by a signature (RFC 9421).',
      UPSTREAM_HTTP:
        'Where http, which has no TLS, may lead: to this machine only, or through a binding; or to other machines too.',
      MAX_REQUEST_BYTES: 'Maximum size of a request that is signed or sealed, in bytes.',
      MAX_ANSWER_BYTES: "Maximum size of an API's answer, in bytes.",
      ANSWER_DEADLINE_MS: 'Of no effect here, though it is checked: each API has the `deadline` of its entry.',
      ...ORIGIN.variables,
    },
    secrets: {
      ...ORIGIN.secrets,
      UPSTREAM_SECRET:
        'What an API knows its caller by: 16 or more characters of ASCII, without spaces. The API has the same.',
    },
    bindings: ORIGIN.bindings,
  },
};
