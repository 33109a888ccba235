/** docs/interop.md, as the tools and their reasons have it. */

import { CONTENT_ENCRYPTION_NAMES, type ContentEncryptionName } from '../../../shared/cms/content-encryption.ts';
import { KEY_TYPE_NAMES } from '../../../shared/crypto/keys/key-types.ts';
import type { ForeignTool } from './tool.ts';

type Why = (tool: ForeignTool) => (keyType: string, cipher: ContentEncryptionName) => string | undefined;

/** Reasons in the order in which they are met, each with its letter. */
class Reasons {
  readonly #letters = new Map<string, string>();

  letterOf(reason: string): string {
    const letter = this.#letters.get(reason) ?? String.fromCharCode(0x61 + this.#letters.size);
    this.#letters.set(reason, letter);
    return letter;
  }

  get list(): string[] {
    return [...this.#letters].map(([reason, letter]) => `- **${letter}**: ${reason}`);
  }
}

/** A table of Markdown, its columns as wide as their longest cell. */
function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = head.map((cell, at) => Math.max(3, cell.length, ...rows.map((row) => row[at]?.length ?? 0)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)];
}

function matrix(
  tools: readonly (readonly [number: number, tool: ForeignTool])[],
  why: Why,
  reasons: Reasons,
): string[] {
  const rows = KEY_TYPE_NAMES.flatMap((keyType) =>
    CONTENT_ENCRYPTION_NAMES.map((cipher) => [
      keyType,
      cipher,
      ...tools.map(([, tool]) => {
        const reason = why(tool)(keyType, cipher);
        return reason === undefined ? 'yes' : reasons.letterOf(reason);
      }),
    ]),
  );
  return tableOf(['key', 'content', ...tools.map(([number]) => String(number))], rows);
}

/** @param versions of the tools, in their order. @param date as `2026-11-26`. */
export function interopPage(tools: readonly ForeignTool[], versions: readonly string[], date: string): string {
  const numbered = tools.map((tool, at) => [at + 1, tool] as const);
  const reasons = new Reasons();
  const opened = matrix(numbered, (tool) => tool.cannotOpen, reasons);
  const makers = numbered.filter(([, { seal }]) => seal !== undefined);
  const sealed = matrix(makers, (tool) => tool.cannotSeal, reasons);
  const head = ['', 'tool', 'version', 'from'];
  const lines = [
    '# Interop',
    '',
    'Programs and libraries of others, and what they make of messages of this protocol. `npm run test:interop` tries each',
    'cell of these tables: what is `yes` has to open, and what has a letter has to fail. `UPDATE=1 npm run test:interop` writes',
    'this page.',
    '',
    '## Tools',
    '',
    ...tableOf(
      head,
      numbered.map(([number, { name, from }], at) => [String(number), name, versions[at] ?? '', from]),
    ),
    '',
    `These versions were seen on ${date}. \`test/interop/foreign/newer-tools\` lays those of the newer Debian into`,
    '`build/newer-tools`, as root; where they are not there, their columns are not tried.',
    '',
    '## What is sealed here, opened by others',
    '',
    ...opened,
    '',
    '## What others seal, opened here',
    '',
    'The other tools make no messages: node:crypto has no CMS, and GnuTLS no enveloped data.',
    '',
    ...sealed,
    '',
    '## Reasons',
    '',
    ...reasons.list,
    '',
    'The messages that others make by issuer and serial number are refused by [a rule](protocol/ciphers.md#what-is-opened) of',
    'this protocol, and so is RSAES-PKCS1-v1_5: see [deviations](conformance.md#deviations).',
    '',
    '## More that is tried',
    '',
    '- [Test vectors](../test/vectors/cale/README.md): `test/interop/vectors.test.ts` has each tool that can open the valid ones,',
    '  and refuse the altered ones. Python reads all of them, and OpenSSL and Bouncy Castle verify the signatures.',
    '- A client in Python, written after [clients](clients.md#writing-another-client): `test/interop/python-client.test.ts`.',
    '- openssl as a client of a whole edge: `test/interop/openssl-client.test.ts`, `test/interop/openssl-requests.test.ts`.',
    "- The client in Swift, with stand-ins for Apple's frameworks over OpenSSL: `test/interop/swift-client.test.ts`.",
    '- CSRs, certificates and PEM by other libraries: `test/interop/second-opinion.test.ts`.',
    '',
  ];
  return lines.join('\n');
}

/** Cells of a line of the table of tools, which has four; what is before the first and behind the last counts too. */
const TOOL_CELLS = 6;
const VERSION = 3;

/** The page without what may differ from one machine to another: the column of versions, and the date. */
export const withoutVersions = (page: string): string =>
  page
    .split('\n')
    .map((line) => line.split('|'))
    .map((cells) => (cells.length === TOOL_CELLS ? cells.toSpliced(VERSION, 1) : cells).join('|'))
    .join('\n')
    .replace(/seen on \d{4}-\d{2}-\d{2}/, 'seen on');

/** @returns the version of each tool that the page has, by the tool's name. */
export const versionsOn = (page: string): Map<string, string> =>
  new Map(
    page
      .split('\n')
      .map((line) => line.split('|').map((cell) => cell.trim()))
      .filter((cells) => cells.length === TOOL_CELLS)
      .map(([, , name = '', version = '']) => [name, version]),
  );
