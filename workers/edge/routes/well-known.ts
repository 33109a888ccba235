import type { Handler } from 'hono';
import { CONTENT_ENCRYPTION_NAMES, contentEncryptionOf } from '../../../shared/cms/content-encryption.ts';
import { KEY_TYPE_NAMES } from '../../../shared/crypto/keys/key-types.ts';
import { encodePem, parsePem } from '../../../shared/encoding/pem.ts';
import {
  CREDENTIALS_PATH,
  ORIGIN_CERTIFICATES_PATH,
  REGISTRATION_PATH,
  SEALED_PATH,
  WHOAMI_PATH,
} from '../../../shared/protocol/endpoints.ts';
import { CALE_CREDENTIAL_DAYS } from '../../../shared/protocol/headers.ts';
import { PEM_TYPE } from '../../../shared/protocol/media-types.ts';
import type { RequestTrace } from '../../../shared/protocol/request-trace.ts';
import type { EdgeConfig } from '../config.ts';
import type { EdgeContext } from '../context.ts';
import { fetchUpstream, UpstreamError } from '../upstream.ts';

/** `GET /.well-known/cale`: the facts that a client needs. Fails when authority or origin are down. */
export function wellKnown(config: EdgeConfig): Handler<EdgeContext> {
  return async ({ env: { trace } }) => {
    const [authority, origin] = await Promise.all([authorityOf(config, trace), originOf(config, trace)]);
    const [encryption] = origin.encryption;
    const document = {
      organization: config.organization,
      endpoints: {
        registration: REGISTRATION_PATH,
        whoami: WHOAMI_PATH,
        ...(authority.credentialLifetimeDays !== undefined && { credentials: CREDENTIALS_PATH }),
        ...(encryption !== undefined && { sealed: SEALED_PATH }),
      },
      keyTypes: KEY_TYPE_NAMES,
      ciphers: CONTENT_ENCRYPTION_NAMES.filter((name) => config.cbcCiphersAllowed || contentEncryptionOf(name).isAead),
      identityMethods: config.identityMethods.map(({ name }) => name),
      ...Object.assign({}, ...config.identityMethods.map(({ members }) => members)),
      authorityCertificates: authority.certificates,
      ...(authority.credentialLifetimeDays !== undefined && {
        credentialLifetimeDays: authority.credentialLifetimeDays,
      }),
      ...(origin.signing.length > 0 && { originCertificates: origin.signing }),
      ...(encryption !== undefined && { originEncryptionCertificate: encryption }),
    };
    return Response.json(document, { headers: { 'Cache-Control': 'no-store' } });
  };
}

/** The certificates of a text in PEM, each in a text of its own. */
const splitPem = (pem: string): string[] => parsePem('CERTIFICATE', pem).map((der) => encodePem('CERTIFICATE', der));

interface AuthorityFacts {
  /** In PEM. */
  readonly certificates: readonly string[];
  /** 0: they never end; undefined for an authority from before they could. */
  readonly credentialLifetimeDays: number | undefined;
}

async function authorityOf({ authority }: EdgeConfig, trace: RequestTrace): Promise<AuthorityFacts> {
  const request = new Request('https://authority/certificates');
  const response = await fetchUpstream('authority', authority, request, trace);
  const isPem = response.status === 200 && response.headers.get('Content-Type') === PEM_TYPE;
  if (!isPem) throw new UpstreamError(`authority answered ${response.status} without certificates`);
  const days = response.headers.get(CALE_CREDENTIAL_DAYS);
  return {
    certificates: splitPem(await response.text()),
    credentialLifetimeDays: days === null ? undefined : Number(days),
  };
}

interface OriginCertificates {
  /** In PEM; none where answers are not signed. */
  readonly signing: readonly string[];
  /** In PEM; none where sealed requests are not opened. */
  readonly encryption: readonly string[];
}

/** An origin that is down is no origin without certificates: a client that heard so would take unsigned answers. */
async function originOf({ origin }: EdgeConfig, trace: RequestTrace): Promise<OriginCertificates> {
  const request = new Request(`https://origin${ORIGIN_CERTIFICATES_PATH}`, { redirect: 'manual' });
  const response = await fetchUpstream('origin', origin, request, trace);
  if (response.status !== 200) return { signing: [], encryption: [] };
  const { signing = '', encryption = '' } = (await response.json()) as { signing?: string; encryption?: string };
  return { signing: splitPem(signing), encryption: splitPem(encryption) };
}
