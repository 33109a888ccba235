/** Workers that are deployed together, and where they are. */

/** What a Worker can be. */
export type Party = 'edge' | 'authority' | 'origin' | 'resource' | 'gateway';

export interface DeployedWorker {
  /** Names the file of its secrets. */
  readonly name: string;
  /** One, or those that are in it together. */
  readonly parties: readonly Party[];
  /** Configuration of wrangler, relative to the root. */
  readonly config: string;
}

export interface Project {
  /** Absolute path of the folder that has its package.json. */
  readonly root: string;
  /** In the order of deploying: a binding needs a Worker to lead to. */
  readonly workers: readonly DeployedWorker[];
  /** True when the code is the project's own, which may reach parties by other ways than bindings. */
  readonly isOwnCode: boolean;
  /** True when the gateway is the edge's origin. */
  readonly hasGateway: boolean;
  /** Milliseconds of CPU for a request, by the name of the Worker. */
  readonly cpuLimitsMs: Readonly<Partial<Record<string, number>>>;
}

/** Secrets by Worker and by name. */
export type SecretsByWorker = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** A user with a password that was made with the secrets, by which the last test registers. */
export interface FirstUser {
  readonly name: string;
  readonly password: string;
}

export interface Prepared {
  readonly secrets: SecretsByWorker;
  /** Undefined when the file was taken away. */
  readonly firstUser: FirstUser | undefined;
  /** Files that were made, or of a dry run those that would be. */
  readonly made: readonly string[];
}
