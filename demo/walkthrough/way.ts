/** The way between the clients and the API: a copy of every message that passes it. */

import { type Exchange, type Fields, type Tap, tappedFetch } from '../page/exchange.ts';
import type { Passage } from './passage.ts';
import type { Stage } from './stage.ts';

/** Number of times that the log is asked for what is missing in it, because it lags behind the answers. */
const MOST_TRIES = 100;

/** One exchange of a client, and all that was said about it. */
export interface Passed {
  readonly exchange: Exchange;
  /** The messages that the network, the edge and its logs handled, each as one text. */
  readonly onTheWay: readonly string[];
  /** The messages behind the API. */
  readonly behind: readonly string[];
}

export class Way {
  readonly #stage: Pick<Stage, 'passages'>;
  #exchanges: Exchange[] = [];
  /** Changes the next requests. */
  change: NonNullable<Tap['change']> = (request) => request;
  /** The clients' function for the network. */
  readonly fetch = tappedFetch({
    record: (exchange) => this.#exchanges.push(exchange),
    change: (request) => this.change(request),
  });

  constructor(stage: Pick<Stage, 'passages'>) {
    this.#stage = stage;
  }

  /**
   * Takes what passed since the last call.
   * @param path of the exchange that is wanted, among others such as for `/.well-known/cale`.
   * @param server the last one that the edge asks for it.
   * @throws {Error} when there was none.
   */
  async take(path: string, server = 'origin'): Promise<Passed> {
    const exchanges = this.#exchanges;
    this.#exchanges = [];
    const passages = await this.#passages(server);
    const exchange = exchanges.findLast((each) => each.path === path);
    if (exchange === undefined) throw new Error(`no request for ${path} passed`);
    const texts = passages.map(({ from, to, line, headers, body }) => ({
      isBehind: from !== 'edge' && to !== 'edge',
      text: textOf(line, Object.entries(headers), body),
    }));
    return {
      exchange,
      onTheWay: [...exchanges.flatMap(textsOf), ...texts.filter(({ isBehind }) => !isBehind).map(({ text }) => text)],
      behind: texts.filter(({ isBehind }) => isBehind).map(({ text }) => text),
    };
  }

  /** Waits until the log has the server's answer to the edge, and an answer to each request. */
  async #passages(server: string): Promise<Passage[]> {
    const passages: Passage[] = [];
    const number = (kind: Passage['kind']) => passages.filter((passage) => passage.kind === kind).length;
    const isComplete = () =>
      passages.some(({ from, to, kind }) => from === 'edge' && to === server && kind === 'answer') &&
      number('request') <= number('answer');
    for (let tries = 0; tries < MOST_TRIES && !isComplete(); tries++) passages.push(...(await this.#stage.passages()));
    return passages;
  }
}

const textsOf = ({ method, path, requestFields, requestBody, status, responseFields, body }: Exchange): string[] => [
  textOf(`${method} ${path}`, requestFields, latin1(requestBody)),
  textOf(String(status), responseFields, latin1(body)),
];

const textOf = (line: string, fields: Fields, body: string): string =>
  [line, ...fields.map(([name, value]) => `${name}: ${value}`), '', body].join('\n');

const latin1 = (bytes: Uint8Array): string => new TextDecoder('latin1').decode(bytes);
