/** The judge of all that the Workers of a harness print: nothing of it may lead to a client. */

import type { Secrets } from '../../scripts/development-secrets.ts';

/** Things that no line may have, by their form. */
const FORBIDDEN: Readonly<Record<string, RegExp>> = {
  'a GUID': /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/i,
  'a message in PEM': /-----BEGIN/,
  'a certificate, a CSR, a key or a sealed message': /MI[A-L][A-Za-z0-9+/]{60}/,
  'the hash of a password': /\$scrypt\$/,
  'a JWT': /eyJ[\w-]{20}/,
  'an owner': /\b(alice|bob)\b/,
};

/** Shorter ones could be words of the log. */
const MIN_LENGTH = 8;

/** Values of one harness that must not be printed. */
export class Unprintable {
  readonly #values = new Map<string, string>();

  /** @param secrets of the Workers. */
  constructor(secrets: Secrets) {
    for (const each of Object.values(secrets)) {
      for (const [name, value] of Object.entries(each)) this.#add(name, value.split('\n'));
    }
  }

  /** Takes note of what a client sends. */
  note({ headers, body }: { headers?: HeadersInit | undefined; body?: unknown }): void {
    const fields = new Headers(headers);
    this.#add('a GUID', [fields.get('CALE-GUID') ?? '']);
    const [, credentials = ''] = (fields.get('Authorization') ?? '').split(' ');
    this.#add('credentials', [credentials, ...passwordOf(credentials)]);
    if (typeof body === 'string') this.#add('the body of a request', body.split('\n'));
  }

  /** @returns the lines that have one of them, each with its name. */
  faultsOf(lines: readonly string[]): string[] {
    return lines.flatMap((line) => {
      const byForm = Object.entries(FORBIDDEN).filter(([, form]) => form.test(line));
      const byValue = [...this.#values].filter(([value]) => line.includes(value));
      return [...byForm.map(([name]) => name), ...byValue.map(([, name]) => name)].map((name) => `${name}: ${line}`);
    });
  }

  #add(name: string, values: readonly string[]): void {
    for (const value of values) if (value.length >= MIN_LENGTH) this.#values.set(value, name);
  }
}

/** @returns the password of credentials of Basic. */
function passwordOf(credentials: string): string[] {
  const text = Buffer.from(credentials, 'base64').toString();
  const at = text.indexOf(':');
  return at < 0 ? [] : [text.slice(at + 1)];
}
