/** The types of keys that clients generate, in the order in which they are offered. */

import { EC_KEY_TYPES } from './ec.ts';
import { RSA_KEY_TYPES } from './rsa.ts';

/** WebCrypto's parameters to generate a key pair that signs, by the name of the type. */
export const KEY_TYPES = { ...EC_KEY_TYPES, ...RSA_KEY_TYPES };

/** A curve, or `RSA-` and the size of the modulus in bits. */
export type KeyType = keyof typeof KEY_TYPES;
export const KEY_TYPE_NAMES = Object.keys(KEY_TYPES) as KeyType[];
