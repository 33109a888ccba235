/** Proof of who an administrator is, beside a token. */

/** The name that was proved, for the trail; or the fault, in a sentence that quotes nothing of the request. */
export type ProvedAdministrator =
  | { readonly ok: true; readonly value: string }
  | { readonly ok: false; readonly detail: string };

/** A proof of who an administrator is, such as that of Cloudflare Access. */
export interface AdministratorProof {
  /**
   * @param headers of the request to `/admin`.
   * @throws when it cannot be told at the moment. The request is answered with 503 then.
   */
  prove(headers: Headers): Promise<ProvedAdministrator>;
}
