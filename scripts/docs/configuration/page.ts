/** docs/configuration.md: what the Workers read, as they check it, with the words of meanings.ts. */

import { createDevelopmentSecrets } from '../../development-secrets.ts';
import { ALL_WORKERS } from '../../workers.ts';
import { fillLines } from '../fill-lines.ts';
import { environmentsOf, readWorker, type Worker } from './environments.ts';
import { MEANINGS } from './meanings.ts';
import { namedInSources } from './named-in-sources.ts';
import type { Check } from './recorder.ts';
import { startWorker } from './start.ts';

export interface Page {
  readonly text: string;
  /** Sentences: of settings without a meaning, of meanings that belong to no setting, and of Workers that do not start. */
  readonly faults: readonly string[];
}

/** `always`: in each environment. `then`: in some of them, as the words of the meaning say. */
type Need = 'always' | 'then' | 'never';

interface Setting {
  readonly check: Check;
  readonly need: Need;
}

const INTRODUCTION = `# Configuration

Every variable, secret and binding that a Worker reads. This page is written by \`npm run docs\`, from the code that checks
the settings: each Worker is started as its configuration has it, and once more without each setting. A range, a choice or
a default is the one that the start was checked by. \`npm run check\` fails when the page says anything else, when a Worker
reads a setting that is not here, and when none reads one that is.

- Variables stand under \`[vars]\` in the configuration of a Worker, as text. An empty text is as good as none.
- Secrets are set by \`wrangler secret\`, or as [operations](operations.md#deploying) says. A secret holds at most 5 KB.
- Bindings are of the kind that is named.
- _Needed_: without it the Worker does not start. A setting that is missing or not usable stops the start with a sentence
  that names it. _Needed then_: only as the words before it say.
`;

const TITLES: Readonly<Record<Worker['name'], string>> = {
  edge: 'The one Worker that is reachable from outside.',
  authority: 'Registers keys, and issues a certificate for each request. The edge reaches it by its bindings.',
  origin:
    'A demo API. An origin of your own that calls `originOptionsFromSettings` reads the same, without `RESOURCE`.',
  resource: 'A demo. Answers the origin in the clear.',
  gateway: 'Stands in the place of the origin, in front of APIs that know nothing of the protocol.',
};

/** Starts all Workers in all environments. @returns the page, and what is wrong with it. */
export async function writeConfigurationPage(): Promise<Page> {
  const secrets = await createDevelopmentSecrets();
  const sections: string[] = [];
  const faults: string[] = [];
  for (const { name, config } of ALL_WORKERS) {
    const worker = readWorker(name, config, secrets);
    const settings = await settingsOf(worker, faults);
    faults.push(...faultsOf(worker, new Set(settings.keys())));
    sections.push(sectionOf(worker, settings));
  }
  const projects: string[] = [];
  for (const { name } of ALL_WORKERS.filter((each) => each.name !== 'gateway')) {
    const worker = readWorker(name, `template/workers/${name}/wrangler.toml`, secrets);
    const settings = await settingsOf(worker, faults);
    projects.push(projectLine(worker, [...settings.keys()], faults));
  }
  const words = new Set(Object.values(MEANINGS).flatMap((each) => Object.values(each).flatMap(Object.keys)));
  for (const { name, file } of namedInSources()) {
    if (!words.has(name)) faults.push(`${file} reads ${name}, which scripts/docs/configuration/meanings.ts lacks.`);
  }
  return { text: [INTRODUCTION, ...sections, projectSection(projects)].join('\n'), faults };
}

/** @returns what the Worker reads, in the order of its configuration, variables and secrets and bindings alike. */
async function settingsOf(worker: Worker, faults: string[]): Promise<Map<string, Setting>> {
  const found = new Map<string, { check: Check; failures: number }>();
  const environments = environmentsOf(worker);
  for (const env of environments) {
    const { reads, error } = await startWorker(worker.main, env);
    if (error !== undefined) faults.push(`${worker.main} does not start: ${error.message}`);
    for (const [name, check] of reads) {
      const { error: missing } = await startWorker(worker.main, { ...env, [name]: undefined });
      const before = found.get(name) ?? { check: {}, failures: 0 };
      const failures = before.failures + (missing === undefined ? 0 : 1);
      found.set(name, { check: { ...before.check, ...check }, failures });
    }
  }
  const needOf = (failures: number): Need =>
    failures === 0 ? 'never' : failures === environments.length ? 'always' : 'then';
  return new Map([...found].map(([name, { check, failures }]) => [name, { check, need: needOf(failures) }]));
}

function faultsOf({ name, config, vars, secrets, bindings }: Worker, read: ReadonlySet<string>): string[] {
  const kinds = MEANINGS[name];
  const all = Object.values(kinds).flatMap(Object.keys);
  const place = `scripts/docs/configuration/meanings.ts, ${name}`;
  return [
    ...[...read].filter((each) => !all.includes(each)).map((each) => `${place}: ${each} is read, and has no meaning.`),
    ...all.filter((each) => !read.has(each)).map((each) => `${place}: ${each} is read by no code.`),
    ...Object.keys(vars)
      .filter((each) => !(each in kinds.variables))
      .map((each) => `${config}: ${each} is no variable of this Worker.`),
    ...Object.keys(secrets)
      .filter((each) => !(each in kinds.secrets))
      .map((each) => `${place}: ${each} is a secret.`),
    ...Object.keys(bindings)
      .filter((each) => !(each in kinds.bindings))
      .map((each) => `${config}: ${each} is no binding of this Worker.`),
  ];
}

function sectionOf(worker: Worker, settings: ReadonlyMap<string, Setting>): string {
  const { name, config } = worker;
  const head = `## ${name[0]?.toUpperCase()}${name.slice(1)}\n\n${fillLines(`${TITLES[name]} Configuration: \`${config}\`.`)}\n`;
  const parts = (['variables', 'secrets', 'bindings'] as const).map((kind) => {
    const entries = Object.entries(MEANINGS[name][kind]).flatMap(([setting, meaning]) => {
      const found = settings.get(setting);
      return found === undefined ? [] : [entryOf(setting, meaning, found, worker)];
    });
    return entries.length === 0 ? '' : `### ${titleOf(kind, name)}\n\n${entries.join('\n')}\n`;
  });
  return [head, ...parts.filter((part) => part !== '')].join('\n');
}

const titleOf = (kind: string, worker: string): string =>
  `${kind[0]?.toUpperCase()}${kind.slice(1)} of the ${worker === 'resource' ? 'resource server' : worker}`;

function entryOf(name: string, meaning: string, { check, need }: Setting, worker: Worker): string {
  const facts = [
    valuesOf(check),
    kindOfBinding(name, check),
    needOrDefault(check, need),
    shipped(name, check, worker),
  ].filter((fact) => fact !== undefined);
  return fillLines(`- **\`${name}\`**: ${meaning} _${sentence(facts)}_`, '  ');
}

function sentence(facts: readonly string[]): string {
  const text = facts.join('; ');
  return `${text[0]?.toUpperCase()}${text.slice(1)}.`;
}

function valuesOf({ range, choices, isList }: Check): string | undefined {
  if (range !== undefined) return `${range.least} to ${range.most}`;
  if (choices !== undefined) return choices.map((each) => `\`${each}\``).join(', ');
  return isList ? 'separated by commas' : undefined;
}

const KINDS: Readonly<Record<string, string>> = {
  fetch: 'a service',
  idFromName: 'Durable Objects',
  put: 'a KV namespace',
  limit: 'a rate limiter',
  writeDataPoint: 'an Analytics Engine dataset',
};

function kindOfBinding(name: string, { method }: Check): string | undefined {
  if (method === undefined) return undefined;
  const kind = KINDS[method];
  if (kind === undefined) throw new Error(`${name} is a binding that is known by ${method}, which has no word.`);
  return kind;
}

function needOrDefault({ byDefault }: Check, need: Need): string {
  if (need === 'always') return 'needed';
  if (byDefault !== undefined) return `\`${byDefault}\` by default`;
  return need === 'then' ? 'needed then' : 'may be missing';
}

/** What the configuration of the repository has, where it is not what the code has by default. */
function shipped(name: string, { byDefault }: Check, { vars, limits }: Worker): string | undefined {
  const limit = limits[name];
  if (limit !== undefined) return `${limit.limit} in ${limit.period} s in the configuration`;
  const value = vars[name];
  return value === undefined || value === '' || value === byDefault ? undefined : `\`${value}\` in the configuration`;
}

const PROJECT = `## A project

The Workers of a project that \`cale init\` wrote read their settings by the same code, out of the package.
`;

/** @returns what a Worker of a project reads, compared with the one of its name here. */
function projectLine({ name, vars }: Worker, read: readonly string[], faults: string[]): string {
  const kinds = MEANINGS[name];
  const all = Object.values(kinds).flatMap(Object.keys);
  for (const each of read) {
    if (!all.includes(each)) faults.push(`template/workers/${name} reads ${each}, which has no meaning.`);
  }
  const named = namedInSources().filter(({ file }) => file.startsWith(`template/workers/${name}/`));
  const absent = all.filter((each) => !read.includes(each) && !named.some((other) => other.name === each));
  const but = absent.length === 0 ? '' : `, without ${absent.map((each) => `\`${each}\``).join(', ')}`;
  const set = Object.entries(vars).filter(([, value]) => value !== '');
  const values = set.map(([variable, value]) => `\`${variable}\` (\`${value}\`)`).join(', ');
  return fillLines(
    `- **${name}** (\`workers/${name}/wrangler.toml\`): what [its namesake](#${name}) reads${but}.${
      values === '' ? '' : ` Its configuration sets ${values}.`
    }`,
    '  ',
  );
}

const projectSection = (lines: readonly string[]): string => `${PROJECT}\n${lines.join('\n')}\n`;
