/** What a person sees of what wrangler says: the requests, and what the Workers say and suffer. */

import { stripVTControlCharacters } from 'node:util';

/**
 * Lines of wrangler about itself, the request that waits for the Workers, and the parties' lines of requests that were
 * answered, because wrangler has said those.
 */
const NOISE = [
  /^ ?⛅/,
  /^[─╭│╰ ]+$/,
  /^⎔ /,
  /^🪵 /,
  /^\[custom build\]/,
  /^Using secrets defined in /,
  /has access to the following bindings:$/,
  /^Binding +Resource +Mode$/,
  /^env\.\S+ .* {2,}/,
  /^Service bindings, Durable Object bindings, and Tail consumers connect/,
  /^If you think this is a bug then please create an issue/,
  /^Note that there is a newer version of Wrangler/,
  /^\[wrangler:info\] Ready on /,
  /^\[wrangler:info\] HEAD \/\.well-known\/cale /,
  /^(?:\[[\w-]+\] )?\{"event":"request",.*"outcome":"answered"/,
];
/** Its warnings. */
const NOISY_WARNINGS = [/^Scheduled Workers are not automatically triggered/];

const BLOCK = /^(?:✘|▲) \[(ERROR|WARNING)\] (.*)$/;
/** A setting that a Worker cannot start with, as its error is told. */
const CONFIG_ERROR = /service core:user:(\S+): Uncaught .*?ConfigError: (.*)$/;
const RUNTIME_FAILED = /^The Workers runtime failed to start/;

/** Makes of wrangler's lines those that are shown. It is given every line of a stream, in order. */
export class OutputFilter {
  /** Before the Workers are ready only errors are shown; while they end, nothing. */
  phase: 'starting' | 'running' | 'ending' = 'starting';
  /** True when a line was shown. */
  hasSpoken = false;
  /** True inside of a block that is not shown. Its lines are indented. */
  #isHidden = false;

  /** @returns the line to show; undefined for none. */
  line(raw: string): string | undefined {
    const line = stripVTControlCharacters(raw).trimEnd();
    if (line === '' || this.phase === 'ending') return undefined;
    const shown = this.#shown(line);
    this.hasSpoken ||= shown !== undefined;
    return shown;
  }

  #shown(line: string): string | undefined {
    const [, level, text] = BLOCK.exec(line) ?? [];
    if (level !== undefined && text !== undefined) return this.#firstLine(level, text);
    const isNoise = matches(line, NOISE);
    if (line.startsWith(' ') && !isNoise) return this.#isHidden ? undefined : line;
    this.#isHidden = isNoise || (this.phase === 'starting' && !line.startsWith('[wrangler:error]'));
    return this.#isHidden ? undefined : line.replace(/^\[wrangler:\w+\] /, '');
  }

  /** Of an error or a warning: of wrangler, or by a Worker's console. */
  #firstLine(level: string, text: string): string | undefined {
    const [, worker, sentence] = CONFIG_ERROR.exec(text) ?? [];
    const isNoise =
      RUNTIME_FAILED.test(text) ||
      (level === 'WARNING' && (this.phase === 'starting' || matches(text, NOISY_WARNINGS)));
    this.#isHidden = isNoise || worker !== undefined;
    if (isNoise) return undefined;
    return worker === undefined ? text : `${worker} does not start: ${sentence}`;
  }
}

const matches = (line: string, patterns: readonly RegExp[]): boolean => patterns.some((pattern) => pattern.test(line));
