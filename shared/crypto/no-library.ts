/** Stands for `@noble/ciphers/chacha.js` in bundles for servers, which have node:crypto. */

export function chacha20poly1305(): never {
  throw new Error('ChaCha20-Poly1305 takes node:crypto: give this Worker the compatibility flag nodejs_compat');
}
