/** The clients in `examples/`, and whether what they need is installed. */

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

export interface Example {
  readonly language: string;
  /** Its folder in `examples`. */
  readonly folder: string;
  readonly program: string;
  /** How commands of its page begin, and how those begin that tests run in their place. */
  readonly command: readonly [onPage: string, here: string];
  /** The file that it keeps its key in. */
  readonly account: string;
  /** Debian's packages, of which at least one is absent; undefined when all are there. */
  readonly absent: string | undefined;
}

/** A Python with the libraries of the example: Debian's, or another one. */
const PYTHON = process.env['PYTHON'] ?? '/usr/bin/python3';

const succeeds = (command: string, ...args: string[]): boolean =>
  spawnSync(command, args, { stdio: 'ignore' }).status === 0;
const hasPython = succeeds(PYTHON, '-c', 'import asn1crypto, cryptography');
const hasJava =
  succeeds('sh', '-c', 'command -v javac') &&
  ['bcprov', 'bcutil', 'bcpkix'].every((name) => existsSync(`/usr/share/java/${name}.jar`));

export const EXAMPLES: readonly Example[] = [
  {
    language: 'Python',
    folder: 'python',
    program: 'client.py',
    command: ['python3', PYTHON],
    account: 'cale.json',
    absent: hasPython ? undefined : 'python3-asn1crypto and python3-cryptography',
  },
  {
    language: 'Java',
    folder: 'java',
    program: 'Client.java',
    // Without the second compiler: it takes half of the time, and such a short run has no use for it.
    command: ['java -cp', 'java -XX:TieredStopAtLevel=1 -cp'],
    account: 'cale.properties',
    absent: hasJava ? undefined : 'default-jdk-headless, libbcprov-java and libbcpkix-java',
  },
  {
    language: 'Go',
    folder: 'go',
    program: 'client.go',
    command: ['go build', 'go build'],
    account: 'cale.json',
    absent: succeeds('go', 'version') ? undefined : 'golang-go',
  },
  {
    language: 'PHP',
    folder: 'php',
    program: 'client.php',
    command: ['php client.php', 'php client.php'],
    account: 'cale.json',
    absent: succeeds('php', '-r', "exit(extension_loaded('openssl') ? 0 : 1);") ? undefined : 'php-cli',
  },
];

/** Says what to install, where something is absent. */
export const absenceOf = ({ language, absent }: Example): string =>
  `The example in ${language} needs Debian's packages ${absent}.`;

/** True where tests of the example are left out. In CI they never are: they fail there. */
export const isSkipped = ({ absent }: Example): boolean => absent !== undefined && process.env['CI'] === undefined;
