/** The command cannot be carried out. The message is a sentence for operators; nothing was changed. */
export class CaError extends Error {
  override readonly name = 'CaError';
}
