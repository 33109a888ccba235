import type { Context, Handler } from 'hono';
import type { ContentEncryptionName } from '../../../shared/cms/content-encryption.ts';
import { log } from '../../../shared/log.ts';
import { CALE_GUID, CALE_IDENTITY, CIPHER } from '../../../shared/protocol/headers.ts';
import { tryParseIdentityHeader } from '../../../shared/protocol/identity-header.ts';
import { problemResponse } from '../../../shared/protocol/problem.ts';
import { createSealedResponse, negotiateFormat } from '../../../shared/protocol/sealed-response.ts';
import { contentEncryptionFor } from '../../../shared/protocol/tls-ciphers.ts';
import type { Certificates } from '../certificates.ts';
import type { AuthorityConfig } from '../config.ts';
import type { AuthorityContext } from '../context.ts';
import { adopt, type Credentials } from '../credentials/credentials.ts';
import { listedCredential } from '../credentials/listing.ts';
import { settleSuccession } from '../credentials/succession.ts';
import type { Holders } from '../holders.ts';
import type { LogNames } from '../log-names.ts';
import { type ProvedClient, proofRefused, proveClient } from '../proof.ts';
import { csrProblemResponse } from '../registration/csr-rules.ts';
import { type Registered, type Registration, register } from '../registration/register.ts';

/** Credentials that the refusal of one too many names. */
const MAX_NAMED = 100;

interface Parties {
  readonly config: AuthorityConfig;
  readonly credentials: Credentials;
  readonly holders: Holders;
  readonly certificates: Certificates;
  readonly names: LogNames;
}

/**
 * `POST /registration` (draft B.1.2): the sealed GUID (B.1.3), or the rule that the CSR broke. With an identity it is a
 * first registration; with a GUID and a signature by its key a renewal.
 */
export function registration({
  config,
  credentials,
  holders,
  certificates,
  names,
}: Parties): Handler<AuthorityContext> {
  return async (c) => {
    const { trace } = c.env;
    const encryption = contentEncryptionFor(c.req.header(CIPHER) ?? '');
    if (encryption === undefined) return problemResponse('cipher-not-accepted');
    trace.cipher = encryption;
    const header = c.req.header(CALE_IDENTITY);
    const isRenewal = header === undefined && c.req.header(CALE_GUID) !== undefined;
    const identity = tryParseIdentityHeader(header ?? '');
    if (identity === undefined && !isRenewal) return problemResponse('identity-required');
    // First, so that no client gets a GUID for which no certificate could be issued.
    await certificates.issuer();
    const body = new Uint8Array(await c.req.arrayBuffer());
    if (identity !== undefined) {
      const outcome = await registerOrRefuse({ body, identity, encryption, supersedes: null, trace });
      if (outcome instanceof Response) return outcome;
      if (outcome.outcome !== 'registered') return tooMany(identity.owner, outcome);
      log({ event: 'registered', owner: await names.nameOf('owner', identity.owner) });
      return sealed(c, encryption, outcome.parts);
    }
    const client = await proveClient(holders, c.req.raw, body, trace);
    return client instanceof Response ? client : renew(c, client, encryption, body);
  };

  /** @returns the outcome, or the refusal by a rule for CSRs. */
  async function registerOrRefuse(registration: Registration): Promise<Registered | Response> {
    const registered = await register(config, credentials, registration);
    if (registered.ok) return registered.value;
    const { fault, detail } = registered;
    const owner = await names.nameOf('owner', registration.identity.owner);
    log({ event: 'registration-refused', owner, reason: `${fault}: ${detail}` });
    return csrProblemResponse(fault, {}, { detail });
  }

  async function renew(
    c: Context<AuthorityContext>,
    { guid, owner: known, supersedes }: ProvedClient,
    encryption: ContentEncryptionName,
    body: Uint8Array<ArrayBuffer>,
  ): Promise<Response> {
    if (!known.isOwned) await adopt(credentials, [known]);
    // Else each renewal of a chain of them would count, and their owner could have too many.
    if (supersedes !== undefined) await settleSuccession(credentials.shards, guid, supersedes);
    const { owner, organization, scopes } = known;
    const identity = { owner, organization, scopes };
    const outcome = await registerOrRefuse({ body, identity, encryption, supersedes: guid, trace: c.env.trace });
    if (outcome instanceof Response) return outcome;
    if (outcome.outcome !== 'registered') {
      log({ event: 'proof-refused', reason: outcome.outcome });
      return proofRefused();
    }
    log({ event: 'renewed' });
    return sealed(c, encryption, outcome.parts);
  }

  async function tooMany(owner: string, outcome: Exclude<Registered, { outcome: 'registered' }>): Promise<Response> {
    const valid = outcome.outcome === 'too-many' ? outcome.credentials.slice(0, MAX_NAMED) : [];
    log({
      event: 'registration-refused',
      owner: await names.nameOf('owner', owner),
      reason: 'too-many-credentials',
    });
    return problemResponse(
      'too-many-credentials',
      {},
      { credentials: await Promise.all(valid.map((each) => listedCredential(each))) },
    );
  }
}

const sealed = (c: Context, encryption: ContentEncryptionName, parts: readonly Uint8Array[]): Response =>
  createSealedResponse(negotiateFormat(encryption, c.req.header('Accept') ?? null), parts, c.req.method);
