/** What no command can make, and a person is asked once: it is kept beside the secrets. */

import { input, select } from '@inquirer/prompts';
import { parseOrganization } from '../../shared/protocol/identity.ts';
import { JURISDICTIONS, LOCATIONS } from '../../workers/authority/places.ts';
import { DeployError } from './error.ts';
import type { SecretsFolder } from './folder.ts';
import type { DeployOptions } from './options.ts';

const FILE = 'deployment.json';

const NONE = 'none';

export interface Answers {
  readonly organization: string;
  /** The region that shards are made in; empty: near the first request. */
  readonly location: string;
  /** The jurisdiction that shards never leave; empty: none. */
  readonly jurisdiction: string;
}

/**
 * @returns the answers of before, with those of the flags in place of what was not answered yet.
 * @throws {DeployError} when one is missing and there is no terminal, when one is not usable, or when a flag says another
 *   place for the shards than they are in.
 */
export async function askWhatIsMissing(folder: SecretsFolder, options: DeployOptions): Promise<Answers> {
  const known: Partial<Answers> = JSON.parse(folder.read(FILE) ?? '{}');
  for (const name of ['location', 'jurisdiction'] as const) assertSame(name, known[name], options[name]);
  const ask = options.isDryRun ? imagining() : ASKING;
  const organization = checkOrganization(options.organization ?? known.organization ?? (await ask.organization()));
  const jurisdiction = placeOf('jurisdiction', JURISDICTIONS, known, options) ?? (await ask.jurisdiction());
  const byJurisdiction = jurisdiction === '' ? undefined : '';
  const location = placeOf('location', LOCATIONS, known, options) ?? byJurisdiction ?? (await ask.location());
  const answers = { organization, location, jurisdiction };
  if (!options.isDryRun) folder.write(FILE, JSON.stringify(answers, null, 2));
  return answers;
}

/** How each answer is come by that is not known. */
type Ask = Readonly<Record<keyof Answers, () => Promise<string>>>;

/** A domain that is in no use (RFC 6761 6.4). */
const NO_ORGANIZATION = 'organization.invalid';

/** A dry run needs no person: it says what one would be asked. */
function imagining(): Ask {
  const imagine = (name: string, answer: string) => async () => {
    console.log(`The ${name} would be asked for; here it is ${answer || NONE}.`);
    return answer;
  };
  return {
    organization: imagine('domain of your organisation', NO_ORGANIZATION),
    jurisdiction: imagine('jurisdiction of the credentials', ''),
    location: imagine('location of the credentials', ''),
  };
}

type Place = 'location' | 'jurisdiction';

/** Shards stay where they were made. */
function assertSame(name: Place, known: string | undefined, given: string | undefined): void {
  if (known === undefined || given === undefined || known === given || (known === '' && given === NONE)) return;
  throw new DeployError(
    `The shards were made with the ${name} ${known === '' ? NONE : known}, and stay there for good: ` +
      'export the credentials and import them into another deployment.',
  );
}

function placeOf(
  name: Place,
  choices: readonly string[],
  known: Partial<Answers>,
  options: DeployOptions,
): string | undefined {
  const given = options[name];
  if (given === undefined) return known[name];
  if (given === NONE) return '';
  if (choices.includes(given)) return given;
  throw new DeployError(`--${name} is one of ${choices.join(', ')}, or ${NONE}; not ${given}.`);
}

function checkOrganization(text: string): string {
  try {
    return parseOrganization(text);
  } catch (cause) {
    throw new DeployError(
      `--organization is not usable: ${cause instanceof Error ? cause.message : 'unknown reason'}.`,
    );
  }
}

function assertTerminal(flag: string): void {
  if (!process.stdin.isTTY) throw new DeployError(`There is no terminal to ask at: say ${flag}.`);
}

async function askOrganization(): Promise<string> {
  assertTerminal('--organization DOMAIN');
  return input({ message: 'Domain of your organisation, which every certificate names:' });
}

const FOR_GOOD = 'It is for good: shards do not move.';

async function askJurisdiction(): Promise<string> {
  assertTerminal('--jurisdiction NAME, or --jurisdiction none');
  return select({
    message: `Must the credentials stay under one law? ${FOR_GOOD}`,
    choices: [{ name: 'no', value: '' }, ...JURISDICTIONS.map((value) => ({ value }))],
  });
}

async function askLocation(): Promise<string> {
  assertTerminal('--location HINT, or --location none');
  return select({
    message: `Where are most of the clients? ${FOR_GOOD}`,
    choices: [{ name: 'near whoever asks first', value: '' }, ...LOCATIONS.map((value) => ({ value }))],
  });
}

const ASKING: Ask = { organization: askOrganization, jurisdiction: askJurisdiction, location: askLocation };
