/** A deployment cannot go on. The message is one or two sentences for the person who deploys. */
export class DeployError extends Error {
  override name = 'DeployError';
}
