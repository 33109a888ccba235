/** A message that passed, as the log has it. */
export interface Passage {
  readonly tap: true;
  readonly from: string;
  readonly to: string;
  readonly kind: 'request' | 'answer';
  /** Method and target, or the status. */
  readonly line: string;
  /** By lower-case name. */
  readonly headers: Record<string, string>;
  readonly body: string;
}
