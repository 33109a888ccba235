/** The flags of `npm run dev`: its own ones, and those that go through to wrangler. */

export const USAGE = `npm run dev -- [flags]

  --upstream URL        puts everything in front of an API of your own, such as http://localhost:5005
  --verbose             shows all that the tools say
  --var NAME:VALUE      sets a variable of the Workers that have it
  --port 8787           where the edge listens, on 127.0.0.1
  --persist-to DIR      keeps what is stored in a folder of its own
  every other flag of wrangler dev`;

export interface DevOptions {
  readonly upstream: string | undefined;
  readonly isVerbose: boolean;
  readonly isHelp: boolean;
  readonly ip: string;
  readonly port: number;
  /** Variables by name, as `--var` has them; the last of a name counts. */
  readonly vars: ReadonlyMap<string, string>;
  /** For wrangler, without those above. */
  readonly others: readonly string[];
}

const DEFAULT_PORT = '8787';

/** What was asked for cannot be done. The message is one sentence for the person who asked. */
export class DevError extends Error {
  override name = 'DevError';
}

/** @throws {DevError} when a flag has no value, or one that is none of its kind. */
export function parseOptions(args: readonly string[]): DevOptions {
  const values = new Map<string, string>();
  const vars = new Map<string, string>();
  const switches = new Set<string>();
  const others: string[] = [];
  for (let at = 0; at < args.length; at++) {
    const [flag = '', ...inline] = (args[at] ?? '').split('=');
    const take = (): string => {
      const value = inline.length > 0 ? inline.join('=') : args[++at];
      if (value === undefined || value === '') throw new DevError(`${flag} needs a value.`);
      return value;
    };
    if (['--verbose', '--help', '-h'].includes(flag)) switches.add(flag);
    else if (['--upstream', '--port', '--ip'].includes(flag)) values.set(flag, take());
    else if (flag === '--var') {
      do addVariable(vars, take());
      while (inline.length === 0 && /^\w+:/.test(args[at + 1] ?? ''));
    } else others.push(args[at] ?? '');
  }
  const port = values.get('--port') ?? DEFAULT_PORT;
  if (!/^\d{1,5}$/.test(port) || Number(port) < 1 || Number(port) > 65535) {
    throw new DevError(`--port must be a number from 1 to 65535, not ${port}.`);
  }
  return {
    upstream: values.get('--upstream'),
    isVerbose: switches.has('--verbose'),
    isHelp: switches.has('--help') || switches.has('-h'),
    ip: values.get('--ip') ?? '127.0.0.1',
    port: Number(port),
    vars,
    others,
  };
}

function addVariable(vars: Map<string, string>, text: string): void {
  const [, name, value] = /^(\w+):(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined) throw new DevError(`--var must be NAME:VALUE, not ${text}.`);
  vars.set(name, value);
}
