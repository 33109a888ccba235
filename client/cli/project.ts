/** The commands for a project of one's own: `cale init`, `cale secrets`, which such a project calls, and `cale deploy`. */

import type { Command } from 'commander';
import { FLAGS } from '../../scripts/deploy/options.ts';
import type { DeployFlags } from './deploy.ts';
import type { InitOptions } from './init.ts';
import type { SecretsOptions } from './secrets.ts';

export function addProjectCommands(program: Command): void {
  program
    .command('init')
    .description('write a project of four Workers, your API among them')
    .argument('[dir]', 'a folder that is new or empty', '.')
    .option('--package <spec>', 'in place of the published cale-workers: a version, a tarball or a folder')
    .action(async (directory: string, options: InitOptions) => (await import('./init.ts')).init(directory, options));

  program
    .command('secrets')
    .description('in a project: make an authority, keys and users, where there are none')
    .option('--deploy', 'for a deployment, into secrets/')
    .option('--single', 'with --deploy: for one Worker that is all parties, in a folder without a project too')
    .option('--user <name>', 'with --deploy: the first user, whose password is printed')
    .option('--organization <domain>', 'with --deploy: the organisation in the certificate')
    .action(async (options: SecretsOptions) => (await import('./secrets.ts')).makeSecrets(options));

  const deploy = program
    .command('deploy')
    .description('in a project: deploy its Workers to Cloudflare, and change only what has changed')
    .action(async (options: DeployFlags) => (await import('./deploy.ts')).deploy(options));
  for (const { name, value, text } of FLAGS) {
    deploy.option(value === undefined ? `--${name}` : `--${name} <${value.toLowerCase()}>`, text);
  }
}
